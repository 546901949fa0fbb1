"""A server notices another on the same SQLite file."""

from pathlib import Path

import structlog

from wildside.app_storage import neighbours_noticed
from wildside.outbound.persistence.sqlite.neighbours import among_servers
from wildside.settings import gather, parse


def test_only_the_first_of_several_servers_is_alone(tmp_path: Path) -> None:
    """In whatever order they come and go."""
    file = tmp_path / "wildside.sqlite3"
    with among_servers(file) as first:
        assert first
        second = among_servers(file)
        assert not second.__enter__()
    with among_servers(file) as third:
        assert not third
    second.__exit__(None, None, None)
    with among_servers(file) as again:
        assert again
    with among_servers(tmp_path / "other.sqlite3") as elsewhere:
        assert elsewhere


def test_where_no_lock_can_lie_nobody_is_noticed(tmp_path: Path) -> None:
    """A folder that is not there is others' business."""
    with among_servers(tmp_path / "nowhere" / "wildside.sqlite3") as first:
        assert first


def test_the_second_server_says_what_the_two_do_not_hear(tmp_path: Path) -> None:
    """One line, and none where Redis carries the news."""
    alone = parse(gather({}, {}))
    shared = parse(gather({"REDIS_URL": "redis://127.0.0.1/0"}, {}))
    with structlog.testing.capture_logs() as lines, neighbours_noticed(alone, tmp_path):
        assert lines == []
        with neighbours_noticed(shared, tmp_path):
            assert lines == []
        with neighbours_noticed(alone, tmp_path):
            (line,) = lines
    assert line["log_level"] == "warning"
    assert "REDIS_URL" in line["event"]
