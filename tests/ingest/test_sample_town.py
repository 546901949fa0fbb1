"""The invented town: the same every time, whole, and with something for every interest."""

from collections import Counter
from pathlib import Path

import osmium
import osmium.osm
import pytest

from wildside.outbound.osm.extract import open_extract
from wildside.outbound.osm.places import OsmPlaces
from wildside.outbound.sample_town.sights import CLOSES, SIGHTS, STREETS
from wildside.outbound.sample_town.town import write_sample_town
from wildside.outbound.theme_book import load_themes

BOOK = load_themes()


@pytest.fixture(name="town", scope="module")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("town") / "town.osm.pbf"
    write_sample_town(target)
    return target


def ways(town: Path) -> list[tuple[dict[str, str], list[int]]]:
    """Tags and nodes of all ways."""
    return [
        ({tag.k: tag.v for tag in way.tags}, [node.ref for node in way.nodes])
        for way in osmium.FileProcessor(str(town), osmium.osm.WAY)
        if isinstance(way, osmium.osm.Way)
    ]


def test_the_town_is_the_same_every_time(town: Path, tmp_path: Path) -> None:
    """One seed, one town, to the byte."""
    again = tmp_path / "again.osm.pbf"
    write_sample_town(again)
    assert again.read_bytes() == town.read_bytes()


def test_two_hundred_places_cover_every_interest(town: Path) -> None:
    """Whatever themes somebody ticks, the town has something."""
    places = OsmPlaces(BOOK.entries).read(open_extract(town))
    assert len(places) >= 200
    counts = Counter(theme for place in places for theme in place.theme_ids)
    assert {theme.name for theme in BOOK.themes if not counts[theme.id]} == set()
    ordinary_pubs = {"The Copper Kettle", "The Brown Hare", "The Lamplighter"}
    assert {place.name for place in places if not place.theme_ids} == ordinary_pubs


def test_every_name_is_given_once() -> None:
    """Two sights of one name would be one place."""
    names = [sight.name for sight in SIGHTS]
    assert len(set(names)) == len(names)
    assert len(set(STREETS)) == len(STREETS)
    assert not set(names) & set(CLOSES)


def test_everything_that_can_be_walked_hangs_together(town: Path) -> None:
    """From any footpath to any other, over the bridges: one network."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    walkable = [(tags, nodes) for tags, nodes in ways(town) if "highway" in tags]
    for _, nodes in walkable:
        for node in nodes:
            parent[root(node)] = root(nodes[0])
    sizes = Counter(root(node) for _, nodes in walkable for node in set(nodes))
    assert len(sizes) == 1


def test_the_town_has_all_that_a_walk_may_meet(town: Path) -> None:
    """Bridges over a river, steps on a hill, a square, lit and unlit ways, houses, sea, beach."""
    found = Counter(
        f"{key}={tags[key]}"
        for tags, _ in ways(town)
        for key in ("highway", "bridge", "lit", "natural", "leisure", "waterway", "place", "area")
        if key in tags
    )
    for wanted in (
        "highway=steps", "highway=footway", "highway=path", "highway=pedestrian", "highway=residential",
        "highway=secondary", "bridge=yes", "lit=yes", "lit=no", "natural=coastline", "natural=water",
        "natural=beach", "leisure=park", "leisure=garden", "waterway=river", "place=square", "area=yes",
    ):  # fmt: skip
        assert found[wanted], wanted
    houses = sum("building" in tags for tags, _ in ways(town))
    assert houses > 2000
    streets = {tags["name"] for tags, _ in ways(town) if "highway" in tags and "name" in tags}
    assert len(streets) > 80


def test_streets_are_named_but_for_paths_and_bridgeheads(town: Path) -> None:
    """Instructions say "along Candle Row", so nearly every street needs its name."""
    streets = [tags for tags, _ in ways(town) if tags.get("highway") in {"residential", "tertiary"}]
    assert sum("name" in tags for tags in streets) / len(streets) > 0.97
