"""The interests in conf/themes.toml, their rules, and what a broken file is told."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.data_folder import data_file
from wildside.domain.catalogue import TagRule, ThemeRules, themes_of, year_of
from wildside.domain.errors import Invalid
from wildside.outbound.osm.extract import open_extract
from wildside.outbound.osm.places import OsmPlaces
from wildside.outbound.theme_book import load_themes

BOOK = load_themes()
ENTRY = """
[[theme]]
id = "ab0e7b26-07ac-4c15-b150-8bc7958b5188"
name = "Walls"
description = "Painted walls."
icon = "spray-can"
visit_minutes = 4
rules = [{ tourism = "artwork" }]
"""


def names_of(tags: dict[str, str]) -> set[str]:
    """The names of the themes an object with these tags belongs to."""
    names = {entry.theme.id: entry.theme.name for entry in BOOK.entries}
    return {names[theme] for theme in themes_of(tags, BOOK.entries)}


def test_there_are_enough_themes_and_each_says_what_it_is() -> None:
    """At least twenty interests, told apart by id, name and icon, each described in a sentence."""
    assert len(BOOK.themes) >= 20
    for field in ("id", "name", "icon_key", "description"):
        assert len({getattr(theme, field) for theme in BOOK.themes}) == len(BOOK.themes)
    for theme in BOOK.themes:
        assert theme.description.endswith(".")
        assert len(theme.description) >= 40
        assert UUID(str(theme.id)).version == 4


@pytest.mark.parametrize(
    ("tags", "theme"),
    [
        ({"tourism": "artwork", "artwork_type": "mural"}, "Street art"),
        ({"amenity": "pub", "name": "The Sheep Heid"}, "Historic pubs"),
        ({"amenity": "pub", "name": "Cafe Royal", "heritage": "1"}, "Historic pubs"),
        ({"amenity": "pub", "name": "Abbotsford", "start_date": "1902"}, "Historic pubs"),
        ({"amenity": "bar", "name": "Pipa", "start_date": "early C19"}, "Historic pubs"),
        ({"amenity": "pub", "name": "Sandy Bell's", "wikidata": "Q7417084"}, "Historic pubs"),
        ({"historic": "inn", "name": "White Hart"}, "Historic pubs"),
        ({"historic": "memorial", "name": "Robert Burns"}, "Literary places"),
        ({"highway": "footway", "name": "Advocate's Close"}, "Hidden courtyards and closes"),
        ({"leisure": "park", "name": "The Meadows"}, "Quiet parks"),
        ({"natural": "peak", "name": "Arthur's Seat"}, "Viewpoints"),
        ({"amenity": "cafe", "name": "Majestic"}, "Coffee"),
        ({"historic": "castle;ruins", "name": "Old Keep"}, "Castles and fortifications"),
        ({"man_made": "pier", "name": "East Pier"}, "Waterfront"),
    ],
)
def test_a_telling_tag_leads_to_its_theme(tags: dict[str, str], theme: str) -> None:
    """One well-known example for each way a rule may look at tags."""
    assert theme in names_of(tags)


@pytest.mark.parametrize(
    ("tags", "theme"),
    [
        ({"amenity": "pub", "name": "The Castle Arms", "brand:wikidata": "Q6278"}, "Historic pubs"),
        ({"amenity": "pub", "name": "Olde Fox", "brand": "Inns & Co"}, "Historic pubs"),
        ({"amenity": "cafe", "name": "Starbucks"}, "Coffee"),
        ({"leisure": "garden", "access": "private"}, "Gardens"),
        ({"highway": "footway", "name": "Closeburn Walk"}, "Hidden courtyards and closes"),
    ],
)
def test_an_exception_rules_out_what_a_rule_would_take(tags: dict[str, str], theme: str) -> None:
    """Chains, private gardens and words that only begin alike are left out."""
    assert theme not in names_of(tags)


@pytest.mark.parametrize(
    "tags",
    [
        {"name": "Drinks & Dining"},
        {"name": "The Screen", "sport": "soccer", "opening_hours": "Mo-Su 11:00-01:00"},
        {"name": "New Wave", "start_date": "2019"},
        {"name": "No Age", "historic": "no", "heritage": "no"},
        {"name": "The Innkeeper"},
    ],
)
def test_a_pub_that_nobody_calls_old_is_no_historic_one(tags: dict[str, str]) -> None:
    """Being a pub is not enough; the map has to say something of its age."""
    assert not names_of({"amenity": "pub", **tags})


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("1684", 1684),
        ("1902-05-03", 1902),
        ("~1890", 1890),
        ("1890s", 1890),
        ("before 1750", 1750),
        ("1850..1860", 1850),
        ("C18", 1700),
        ("late C7", 600),
        ("18th century", 1700),
        ("recently", None),
        ("", None),
        ("19021", None),
    ],
)
def test_dates_are_read_as_mappers_write_them(date: str, year: int | None) -> None:
    """Years, decades and centuries; the year in which they begin."""
    assert year_of(date) == year


def test_the_first_theme_of_a_place_is_the_telling_one() -> None:
    """A mural is street art first and public art second, which decides its icon and its visit."""
    themes = themes_of({"tourism": "artwork", "artwork_type": "mural"}, BOOK.entries)
    assert themes[0] == BOOK.themes[0].id


def test_edinburgh_is_rich_for_almost_every_interest() -> None:
    """Walks of two hours need choice: at least forty places for most themes, a few for each."""
    extract = open_extract(data_file("osm/edinburgh-centre-2025-06.osm.pbf"))
    places = OsmPlaces(BOOK.entries).read(extract)
    counts = [sum(theme.id in place.theme_ids for place in places) for theme in BOOK.themes]
    assert min(counts) >= 3
    assert sum(count >= 30 for count in counts) >= 16
    assert sum(bool(place.theme_ids) for place in places) >= 1900


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('id = "ab', 'id = "xy'), "UUID"),
        (('icon = "spray-can"', 'icon = "Spray Can"'), "icon"),
        (("visit_minutes = 4", "visit_minutes = 0"), "visit_minutes"),
        (("visit_minutes = 4\n", ""), "missing"),
        (("icon", "ikon"), "unknown"),
        (("[{ tourism", "[3, { tourism"), "table"),
        (('"artwork" }', '"<old" }'), "year"),
        (('"artwork" }', "7 }"), "list of values"),
        (("[[theme]]", "[[motif]]"), "no theme"),
        ((ENTRY, ENTRY + ENTRY), "share the id"),
        (("name =", "name"), "cannot be read"),
    ],
)
def test_a_broken_file_is_refused_with_its_reason(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    """Whoever edits the themes is told what is wrong and where."""
    path = tmp_path / "themes.toml"
    path.write_text(ENTRY.replace(*change), encoding="utf-8")
    with pytest.raises(Invalid, match=complaint):
        load_themes(path)


def test_another_byte_in_the_file_is_another_digest(tmp_path: Path) -> None:
    """The region's version depends on the themes, so that editing them is ingested anew."""
    path = tmp_path / "themes.toml"
    path.write_text(ENTRY, encoding="utf-8")
    before = load_themes(path).digest
    path.write_text(ENTRY + "# a word\n", encoding="utf-8")
    assert load_themes(path).digest != before


def test_rules_read_joined_values_and_texts() -> None:
    """OSM joins values by semicolons; a tilde looks inside a text, a dollar at its end."""
    both = TagRule({"cuisine": ("pizza",), "name": ("~ Haus$",)})
    assert both.matches({"cuisine": "pasta; pizza", "name": "Das kleine HAUS"})
    assert not both.matches({"cuisine": "pizzaiolo", "name": "Das kleine Haus"})
    assert not both.matches({"cuisine": "pizza", "name": "Haus am See"})
    theme = BOOK.themes[0]
    picky = ThemeRules(theme, (TagRule({"a": ("*",)}),), 1.0, (TagRule({"b": ("no",)}),))
    assert picky.takes({"a": "anything"})
    assert not picky.takes({"a": "anything", "b": "no"})
