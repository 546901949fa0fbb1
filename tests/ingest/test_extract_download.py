"""Downloads are resumed where they broke off, and never wait for ever."""

import hashlib
from pathlib import Path

import pytest

from tests.ingest.misbehaving_mirror import Mirror, serving
from wildside.domain.errors import Unavailable
from wildside.outbound import extract_download
from wildside.outbound.extract_download import ExtractDownload, Patience

CONTENT = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PATIENCE = Patience(silence_seconds=0.4, deadline_seconds=20)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server answers on real time; only the pauses between tries are shortened."""
    monkeypatch.setattr(extract_download, "FIRST_PAUSE_SECONDS", 0.01)


def unheard(share: float) -> None:
    """Nobody watches, but a share is a share."""
    assert 0.0 <= share <= 1.0


async def test_a_whole_file_arrives_and_its_digest_is_told(tmp_path: Path) -> None:
    """One request, the bytes as they were sent, nothing else left in the folder."""
    target = tmp_path / "city.osm.pbf"
    shares: list[float] = []
    with serving(Mirror(CONTENT)) as mirror:
        assert await ExtractDownload(mirror.address, target).fetch(shares.append) == DIGEST
    assert target.read_bytes() == CONTENT
    assert not target.with_name("city.osm.pbf.part").exists()
    assert not target.with_name("city.osm.pbf.part.tag").exists()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


async def test_what_is_there_is_not_asked_for_again(tmp_path: Path) -> None:
    """The second start needs no network."""
    target = tmp_path / "city.osm.pbf"
    target.write_bytes(CONTENT)
    with serving(Mirror(CONTENT)) as mirror:
        assert await ExtractDownload(mirror.address, target).fetch(unheard) == DIGEST
    assert mirror.ranges == []


async def test_a_dropped_connection_is_resumed_where_it_broke_off(tmp_path: Path) -> None:
    """Two drops, three requests, each asking only for what is missing."""
    target = tmp_path / "city.osm.pbf"
    with serving(Mirror(CONTENT, faults=["drop", "drop"])) as mirror:
        assert await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard) == DIGEST
    half, rest = len(CONTENT) // 2, len(CONTENT) * 3 // 4
    assert mirror.ranges == [None, f"bytes={half}-", f"bytes={rest}-"]


async def test_another_run_goes_on_with_the_part(tmp_path: Path) -> None:
    """Ctrl-C yesterday, the other half today."""
    target = tmp_path / "city.osm.pbf"
    (tmp_path / "city.osm.pbf.part").write_bytes(CONTENT[:1000])
    (tmp_path / "city.osm.pbf.part.tag").write_text('"one"')
    with serving(Mirror(CONTENT)) as mirror:
        assert await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard) == DIGEST
    assert mirror.ranges == ["bytes=1000-"]


async def test_a_part_of_another_edition_is_thrown_away(tmp_path: Path) -> None:
    """The mirror cut a new extract meanwhile: two halves of two files are no file."""
    target = tmp_path / "city.osm.pbf"
    (tmp_path / "city.osm.pbf.part").write_bytes(b"old" * 1000)
    (tmp_path / "city.osm.pbf.part.tag").write_text('"zero"')
    with serving(Mirror(CONTENT)) as mirror:
        assert await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard) == DIGEST
    assert target.read_bytes() == CONTENT


async def test_a_wrong_range_is_not_believed(tmp_path: Path) -> None:
    """A server that answers from the beginning would double the part: it begins anew instead."""
    target = tmp_path / "city.osm.pbf"
    (tmp_path / "city.osm.pbf.part").write_bytes(CONTENT[:1000])
    (tmp_path / "city.osm.pbf.part.tag").write_text('"one"')
    with serving(Mirror(CONTENT, faults=["wrong range", "drop"])) as mirror:
        with pytest.raises(Unavailable, match="another range"):
            await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard)
        assert await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard) == DIGEST
    assert target.read_bytes() == CONTENT


async def test_a_part_that_is_already_whole_is_recognised(tmp_path: Path) -> None:
    """Killed between the last byte and the renaming."""
    target = tmp_path / "city.osm.pbf"
    (tmp_path / "city.osm.pbf.part").write_bytes(CONTENT)
    (tmp_path / "city.osm.pbf.part.tag").write_text('"one"')
    with serving(Mirror(CONTENT)) as mirror:
        assert await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard) == DIGEST


async def test_a_server_that_falls_silent_is_left_and_asked_again(tmp_path: Path) -> None:
    """Half the file, then nothing: after the silence allowed, a new request for the rest."""
    target = tmp_path / "city.osm.pbf"
    with serving(Mirror(CONTENT, faults=["stall"])) as mirror:
        assert await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard) == DIGEST
    assert len(mirror.ranges) == 2


async def test_a_trickle_ends_at_the_deadline(tmp_path: Path) -> None:
    """A byte now and then keeps the silence short, but not the deadline away."""
    target = tmp_path / "city.osm.pbf"
    patience = Patience(silence_seconds=5, deadline_seconds=0.5)
    with (
        serving(Mirror(CONTENT, faults=["trickle"])) as mirror,
        pytest.raises(Unavailable, match="longer than"),
    ):
        await ExtractDownload(mirror.address, target, patience).fetch(unheard)
    assert not target.exists()


@pytest.mark.parametrize("status", ["404", "403"])
async def test_a_refusal_is_told_at_once(tmp_path: Path, status: str) -> None:
    """Asking again would not help, so it is asked once."""
    with (
        serving(Mirror(CONTENT, faults=[status])) as mirror,
        pytest.raises(Unavailable, match=status),
    ):
        await ExtractDownload(mirror.address, tmp_path / "city", PATIENCE).fetch(unheard)
    assert len(mirror.ranges) == 1


async def test_a_server_in_trouble_is_tried_again_while_something_came(tmp_path: Path) -> None:
    """A drop, then two 503, then the rest."""
    target = tmp_path / "city.osm.pbf"
    with serving(Mirror(CONTENT, faults=["drop", "503", "503"])) as mirror:
        assert await ExtractDownload(mirror.address, target, PATIENCE).fetch(unheard) == DIGEST
    assert len(mirror.ranges) == 4


async def test_nobody_there_is_told_without_waiting(tmp_path: Path) -> None:
    """No server at the address: one line, no retries."""
    with serving(Mirror(CONTENT)) as mirror:
        address = mirror.address
    with pytest.raises(Unavailable, match="cannot be downloaded") as caught:
        await ExtractDownload(address, tmp_path / "city", PATIENCE).fetch(unheard)
    assert "\n" not in str(caught.value)


async def test_a_silent_address_counts_as_unreachable(tmp_path: Path) -> None:
    """It takes the connection and never answers."""
    with (
        serving(Mirror(CONTENT, faults=["silent"])) as mirror,
        pytest.raises(Unavailable, match="cannot be downloaded"),
    ):
        await ExtractDownload(mirror.address, tmp_path / "city", PATIENCE).fetch(unheard)


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "extracts").write_text("in the way")
    with serving(Mirror(CONTENT)) as mirror, pytest.raises(Unavailable, match="cannot be written"):
        await ExtractDownload(mirror.address, tmp_path / "extracts" / "city").fetch(unheard)
