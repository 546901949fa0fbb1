"""`wildside migrate` on either store, and the picture of the tables."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from tests.postgres_server import PostgresServer
from wildside.app_storage import schema_keeper
from wildside.domain.errors import Unavailable
from wildside.inbound.cli import migrate
from wildside.outbound.persistence.postgres.pool import Reach

DIAGRAM = Path(__file__).parents[2] / "docs" / "diagrams" / "tables.md"


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    migrate.add_command(parser.add_subparsers())
    return parser.parse_args(["migrate", *words])


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_up_status_and_down(store: str, tmp_path: Path, postgres: PostgresServer) -> None:
    """What is said, and the exit code that a script would look at."""
    reach = Reach(postgres.new_database()) if store == "postgres" else None
    keeper = schema_keeper(tmp_path, reach)

    async def run(*words: str) -> tuple[int, list[str], str]:
        out, errors = io.StringIO(), io.StringIO()
        code = await migrate.run(parsed(*words), keeper, out, errors)
        return code, out.getvalue().splitlines(), errors.getvalue()

    code, lines, _ = await run("status")
    assert code == 1
    assert lines[0] == "0001_walkers_places_routes  missing"
    count = len(lines)
    code, lines, _ = await run("up")
    assert (code, len(lines)) == (0, count)
    assert lines[0] == "applied 0001_walkers_places_routes"
    assert await run("up") == (0, ["nothing to do"], "")
    code, lines, _ = await run("status")
    assert code == 0
    assert all(line.endswith("Z") for line in lines)
    code, lines, errors = await run("down")
    assert (code, lines) == (1, [])
    assert "--yes" in errors
    code, lines, _ = await run("down", "--yes", "--steps", "2")
    assert (code, len(lines)) == (0, 2)
    assert lines[0] > lines[1]
    assert (await run("status"))[0] == 1
    if reach is not None:
        postgres.forget(reach.url)


@pytest.mark.parametrize("steps", ["0", "-1", "two", "²"])
def test_nonsense_is_wrong_usage(steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as every wrong flag."""
    with pytest.raises(SystemExit) as refusal:
        parsed("down", "--steps", steps)
    assert refusal.value.code == 2
    assert "--steps" in capsys.readouterr().err


async def test_the_picture_of_the_tables_is_as_the_migrations_make_them(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """Stale: run `DATABASE_URL=… wildside migrate diagram > docs/diagrams/tables.md`."""
    url = postgres.new_database()
    keeper = schema_keeper(tmp_path, Reach(url))
    await keeper.up()
    drawn = await keeper.diagram()
    assert drawn == DIAGRAM.read_text(encoding="utf-8")
    assert 'geography location "Point, 4326"' in drawn
    assert 'geometry path "LineString, 4326"' in drawn
    assert "uuid user_id PK, FK" in drawn
    assert "users ||--o{ routes : user_id" in drawn
    assert "users ||--o| credentials : user_id" in drawn
    postgres.forget(url)


async def test_sqlite_is_not_drawn(tmp_path: Path) -> None:
    """Its twin has the types."""
    with pytest.raises(Unavailable, match="DATABASE_URL"):
        await schema_keeper(tmp_path, None).diagram()
