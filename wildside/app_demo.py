"""The composition root of the demo: where its map comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wildside.app_ingest import open_ingest
from wildside.bundled import folder
from wildside.domain.errors import IngestFailed
from wildside.inbound.cli.demo import DemoGround
from wildside.outbound.extract_download import ExtractDownload, Patience
from wildside.outbound.persistence.postgres.pool import Reach
from wildside.outbound.sample_town.sights import TOWN_NAME
from wildside.outbound.sample_town.town import write_sample_town


@dataclass(frozen=True, slots=True)
class _CityDownload:
    """The city that conf/demo.toml names."""

    name: str
    address: str
    target: Path
    area: Path
    patience: Patience

    async def fetch(self, on_progress: Callable[[float], None]) -> str:
        return await ExtractDownload(self.address, self.target, self.patience).fetch(on_progress)


def demo_ground(
    data_folder: Path,
    conf: Path | None = None,
    *,
    elevation: Path | None = None,
    reach: Reach | None = None,
) -> DemoGround:
    """The demo's city and town, kept in `<data folder>/extracts`.

    `conf` is the folder of demo.toml, `elevation` one of SRTM tiles, `reach` the
    database if it is not SQLite.
    """
    chosen = conf or folder("conf")
    try:
        table = tomllib.loads((chosen / "demo.toml").read_text(encoding="utf-8"))["download"]
        patience = Patience(float(table["silence_seconds"]), float(table["deadline_seconds"]))
        name, address, area = str(table["name"]), str(table["address"]), chosen / str(table["area"])
    except (OSError, ValueError, KeyError) as error:
        raise IngestFailed(f"{chosen / 'demo.toml'} cannot be used: {error}") from error
    extracts = data_folder / "extracts"
    city = _CityDownload(name, address, extracts / f"{name.lower()}.osm.pbf", area, patience)
    return DemoGround(
        city,
        extracts / f"{TOWN_NAME.lower()}.osm.pbf",
        TOWN_NAME,
        _write_town,
        partial(open_ingest, elevation=elevation, reach=reach),
    )


def _write_town(target: Path) -> None:
    """Written aside: an interrupted start leaves no half a town."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}")
    write_sample_town(aside)
    aside.rename(target)
