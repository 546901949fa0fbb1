"""Keys that change under a running server: taken at once, or left alone with a word about it."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.http.test_session_cookie import MURIEL, cookie_of
from tests.town import NOON, Diary
from wildside.app_keys import KeyRings, open_key_rings
from wildside.domain.errors import Invalid, Unauthorized
from wildside.domain.key_rotation import fingerprint
from wildside.domain.traffic import KeysChanged, KeysUnusable
from wildside.inbound.http.session_cookie import CookieJar, NotBelieved
from wildside.settings import Settings, gather, parse

OLD, NEW, NEWER = "o" * 64, "n" * 64, "p" * 64


def settings(tmp_path: Path, **more: str) -> Settings:
    """A production start with its keys in `tmp_path`."""
    return parse(gather({"SESSION_KEY_FILE": str(tmp_path / "keys"), **more}, {}))


def opened(tmp_path: Path, diary: Diary, **more: str) -> tuple[KeyRings, CookieJar]:
    """The keys, and a jar that follows them."""
    rings = open_key_rings(settings(tmp_path, **more), diary)
    return rings, rings.cookie_jar()


def believed(jar: CookieJar, cookie: bytes) -> bool:
    try:
        return jar.open_session(cookie, NOON).user_id == MURIEL.id
    except NotBelieved:
        return False


async def test_a_changed_file_is_taken_without_a_restart(tmp_path: Path) -> None:
    """The new key signs, the old cookie works until the old key is dropped; fingerprints are told."""
    diary = Diary()
    (tmp_path / "keys").write_text(OLD)
    rings, jar = opened(tmp_path, diary)
    old = cookie_of(jar)
    await rings.watch()
    assert not diary.events
    (tmp_path / "keys").write_text(f"{OLD}\n{NEW}\n")
    await rings.watch()
    new = cookie_of(jar)
    assert believed(jar, old)
    assert believed(jar, new)
    assert new != old
    (tmp_path / "keys").write_text(f"{NEW}\n")
    await rings.watch()
    assert (believed(jar, old), believed(jar, new)) == (False, True)
    assert diary.events == [
        KeysChanged("SESSION_KEY_FILE", (fingerprint(OLD), fingerprint(NEW))),
        KeysChanged("SESSION_KEY_FILE", (fingerprint(NEW),)),
    ]
    assert OLD not in repr(diary.events)


async def test_a_mounted_secret_is_followed_through_its_links(tmp_path: Path) -> None:
    """Kubernetes swaps a link to a folder of files; the names that are read stay the same."""
    diary = Diary()
    mount = tmp_path / "keys"
    for version, key in (("..v1", OLD), ("..v2", NEW)):
        (mount / version).mkdir(parents=True)
        (mount / version / "session_key").write_text(key)
    (mount / "..data").symlink_to("..v1")
    (mount / "session_key").symlink_to("..data/session_key")
    rings, jar = opened(tmp_path, diary)
    old = cookie_of(jar)
    (mount / "..next").symlink_to("..v2")
    (mount / "..next").rename(mount / "..data")
    await rings.watch()
    assert not believed(jar, old)
    assert diary.events == [KeysChanged("SESSION_KEY_FILE", (fingerprint(NEW),))]


async def test_a_new_file_in_a_folder_signs(tmp_path: Path) -> None:
    """The last by name; taking the first away ends its cookies."""
    diary = Diary()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "2026-01").write_text(OLD)
    rings, jar = opened(tmp_path, diary)
    old = cookie_of(jar)
    (tmp_path / "keys" / "2026-02").write_text(NEW)
    await rings.watch()
    assert believed(jar, old)
    assert cookie_of(jar) != old
    (tmp_path / "keys" / "2026-01").unlink()
    await rings.watch()
    assert not believed(jar, old)


@pytest.mark.parametrize("damage", ["", "short", "absent", "\udcff"])
async def test_unusable_keys_are_left_alone_and_told_of_once(tmp_path: Path, damage: str) -> None:
    """Whoever is signed in stays so; the next good file is taken."""
    diary = Diary()
    path = tmp_path / "keys"
    path.write_text(OLD)
    rings, jar = opened(tmp_path, diary)
    old = cookie_of(jar)
    if damage == "absent":
        path.unlink()
    else:
        path.write_text(damage, errors="surrogateescape")
    for _ in range(3):
        await rings.watch()
    (told,) = diary.events
    assert isinstance(told, KeysUnusable)
    assert believed(jar, old)
    path.write_text(f"{OLD}\n{NEW}")
    await rings.watch()
    assert isinstance(diary.events[-1], KeysChanged)
    assert believed(jar, old)


async def test_a_reload_reads_again_whatever_the_files_times_say(tmp_path: Path) -> None:
    """What SIGHUP does: even where size, moment and inode are the same."""
    diary = Diary()
    path = tmp_path / "keys"
    path.write_text(OLD)
    rings, _ = opened(tmp_path, diary)
    before = path.stat()
    with path.open("r+") as file:
        file.write(NEW)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    await rings.watch()
    assert not diary.events
    rings.reload()
    assert diary.events == [KeysChanged("SESSION_KEY_FILE", (fingerprint(NEW),))]
    rings.reload()
    assert len(diary.events) == 1


async def test_tile_tokens_follow_their_own_file_or_the_session_keys(tmp_path: Path) -> None:
    """Without a file of their own they change with the session keys; with one they do not."""
    from tests.http.test_route_tiles import WALK

    (tmp_path / "keys").write_text(OLD)
    (tmp_path / "tiles").write_text("t" * 32)
    derived = open_key_rings(settings(tmp_path), Diary())
    apart = open_key_rings(settings(tmp_path, TILE_TOKEN_KEY_FILE=str(tmp_path / "tiles")), Diary())
    for rings, survives in ((derived, False), (apart, True)):
        (tmp_path / "keys").write_text(OLD)
        rings.reload()
        tokens = rings.tile_tokens()
        token = tokens.issue(WALK, NOON).token
        (tmp_path / "keys").write_text(NEWER)
        await rings.watch()
        with nullcontext() if survives else pytest.raises(Unauthorized):
            tokens.check(token, WALK, NOON)


def test_unusable_tile_keys_abort_the_start(tmp_path: Path) -> None:
    """One line that names the setting, without a byte of a key."""
    (tmp_path / "keys").write_text(OLD)
    (tmp_path / "tiles").write_text("sesame")
    for name in ("tiles", "absent"):
        with pytest.raises(Invalid, match="TILE_TOKEN_KEY_FILE") as refused:
            open_key_rings(settings(tmp_path, TILE_TOKEN_KEY_FILE=str(tmp_path / name)), Diary())
        assert "sesame" not in str(refused.value)


async def test_a_temporary_key_is_for_development_and_only_where_there_is_no_file(
    tmp_path: Path,
) -> None:
    """A file that is there but cannot be used aborts there, too."""
    development = {"APP_ENV": "development", "SESSION_ALLOW_EPHEMERAL": "1"}
    rings, jar = opened(tmp_path, Diary(), **development)
    await rings.watch()
    rings.reload()
    assert believed(jar, cookie_of(jar))
    (tmp_path / "keys").write_text("")
    with pytest.raises(Invalid, match="holds no key"):
        opened(tmp_path, Diary(), **development)
    (tmp_path / "keys").unlink()
    with pytest.raises(Invalid, match="cannot be read"):
        opened(tmp_path, Diary(), APP_ENV="development")
