"""What every store promises about themes, places and regions."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.town import MIDDLE, MURALS, NOON, PUBS, TOWN, a_place
from wildside.domain.catalogue import Place
from wildside.domain.errors import Invalid
from wildside.domain.geography import BoundingBox, Point
from wildside.domain.identifiers import PlaceId, RegionId
from wildside.domain.paging import Cursor, Direction, PageRequest
from wildside.ports import Storage

LATER = NOON + timedelta(days=1)
EVERYWHERE = BoundingBox(-180, -90, 180, 90)


async def put(storage: Storage, *places: Place, version: str = "v1", later: bool = False) -> None:
    async with storage.write() as work:
        await work.catalogue.put_themes((PUBS, MURALS))
        region = replace(TOWN, version=version)
        await work.catalogue.replace_region(region, places, LATER if later else NOON)


async def test_places_and_their_region_come_back_as_they_were_stored(storage: Storage) -> None:
    """Every field survives, the order of a place's themes too."""
    place = replace(a_place(1, themes=(MURALS, PUBS)), narrative="Once upon a time")
    await put(storage, place)
    async with storage.read() as work:
        assert await work.catalogue.place(place.id) == place
        assert await work.catalogue.places([place.id, PlaceId(4711)]) == [place]
        assert await work.catalogue.regions() == [TOWN]
        assert await work.catalogue.themes() == [PUBS, MURALS]
        assert await work.catalogue.count() == 1


async def test_a_place_the_map_has_lost_is_found_no_more_but_known(storage: Storage) -> None:
    """Walks refer to it: asked for by name it is there, looked for on the map it is not."""
    gone, kept, new = a_place(1), a_place(2), a_place(3)
    await put(storage, gone, kept)
    await put(storage, kept, new, version="v2", later=True)
    async with storage.read() as work:
        found = await work.catalogue.within(EVERYWHERE, ())
        assert [place.id for place in found] == [kept.id, new.id]
        assert await work.catalogue.places([gone.id]) == []
        assert await work.catalogue.place(gone.id) == gone
        assert await work.catalogue.count() == 2
        (region,) = await work.catalogue.regions()
        assert region.version == "v2"


async def test_a_lost_place_comes_back_with_the_next_map(storage: Storage) -> None:
    """Somebody deleted it by mistake; the map was mended."""
    await put(storage, a_place(1))
    await put(storage, version="v2")
    await put(storage, a_place(1, name="Mended"), version="v3")
    async with storage.read() as work:
        (found,) = await work.catalogue.within(EVERYWHERE, ())
        assert found.name == "Mended"


async def test_a_story_survives_an_ingest_that_knows_none(storage: Storage) -> None:
    """Narratives come from enrichment, not from the map."""
    await put(storage, replace(a_place(1), narrative="Once upon a time"))
    await put(storage, a_place(1), version="v2")
    async with storage.read() as work:
        place = await work.catalogue.place(a_place(1).id)
        assert place is not None
        assert place.narrative == "Once upon a time"


async def test_a_place_in_two_regions_stays_while_one_of_them_holds_it(storage: Storage) -> None:
    """Regions overlap at their edges."""
    await put(storage, a_place(1))
    neighbour = replace(TOWN, id=RegionId("neighbour"))
    async with storage.write() as work:
        await work.catalogue.replace_region(neighbour, [a_place(1), a_place(2)], NOON)
    await put(storage, version="v2")
    async with storage.read() as work:
        found = await work.catalogue.within(EVERYWHERE, ())
        assert [place.id for place in found] == [a_place(1).id, a_place(2).id]


async def test_a_theme_no_longer_offered_keeps_its_places_and_is_not_shown(
    storage: Storage,
) -> None:
    """conf/themes.toml dropped it; walkers who chose it keep their row."""
    await put(storage, a_place(1, themes=(MURALS,)))
    async with storage.write() as work:
        await work.catalogue.put_themes((PUBS,))
    async with storage.read() as work:
        assert await work.catalogue.themes() == [PUBS]
        assert len(await work.catalogue.within(EVERYWHERE, (MURALS.id,))) == 1


async def test_a_failing_ingest_leaves_the_region_as_it_was(storage: Storage) -> None:
    """The places come from a reader that may break in the middle."""
    await put(storage, a_place(1))

    def breaking() -> Iterator[Place]:
        yield a_place(2)
        raise OSError("the extract ends here")

    async def ingest() -> None:
        async with storage.write() as work:
            await work.catalogue.replace_region(replace(TOWN, version="v2"), breaking(), LATER)

    with pytest.raises(OSError, match="ends here"):
        await ingest()
    async with storage.read() as work:
        assert [place.id for place in await work.catalogue.within(EVERYWHERE, ())] == [
            a_place(1).id
        ]
        assert await work.catalogue.regions() == [TOWN]


async def test_a_box_finds_exactly_what_lies_in_it(storage: Storage) -> None:
    """The index keeps 32-bit boxes; neighbours a centimetre outside must not slip in."""
    places = [
        a_place(number, at=Point(MIDDLE.longitude + number * 1e-7, MIDDLE.latitude))
        for number in range(1, 60)
    ]
    await put(storage, *places)
    box = BoundingBox(
        places[9].location.longitude,
        MIDDLE.latitude,
        places[19].location.longitude,
        MIDDLE.latitude,
    )
    async with storage.read() as work:
        found = await work.catalogue.within(box, ())
        assert [place.osm_id for place in found] == list(range(10, 21))


async def test_themes_narrow_what_is_found(storage: Storage) -> None:
    """A place with two themes is found once."""
    await put(
        storage,
        a_place(1, themes=(PUBS,)),
        a_place(2, themes=(MURALS,)),
        a_place(3, themes=(PUBS, MURALS)),
        a_place(4, themes=()),
    )
    async with storage.read() as work:
        found = await work.catalogue.within(EVERYWHERE, (MURALS.id, PUBS.id))
        assert [place.osm_id for place in found] == [1, 2, 3]
        page = await work.catalogue.page(EVERYWHERE, (MURALS.id,), PageRequest())
        assert [place.osm_id for place in page.items] == [2, 3]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_of_places_lead_through_all_of_them_and_back(
    storage: Storage, limit: int
) -> None:
    """Some came with an earlier ingest: order is by age, then by id; nothing twice, nothing missed."""
    await put(storage, *(a_place(number) for number in (5, 3, 9)))
    await put(storage, *(a_place(number) for number in range(1, 11)), later=True)
    expected = [3, 5, 9, 1, 2, 4, 6, 7, 8, 10]
    async with storage.read() as work:
        seen, cursor = [], None
        while True:
            page = await work.catalogue.page(EVERYWHERE, (), PageRequest(limit, cursor))
            seen += [place.osm_id for place in page.items]
            if page.next is None:
                break
            cursor = Cursor.decode(page.next.encode())
        assert seen == expected
        back: list[int] = []
        while page.prev is not None:
            page = await work.catalogue.page(EVERYWHERE, (), PageRequest(limit, page.prev))
            back = [place.osm_id for place in page.items] + back
        assert back + seen[len(back) :] == expected


@given(key=st.text(max_size=30).filter(lambda text: not text.lstrip("-").isdecimal()))
def test_a_place_cursor_that_names_no_number_is_refused(key: str) -> None:
    """Somebody sends the cursor of a list of routes."""
    with pytest.raises(Invalid) as refusal:
        Cursor(Direction.NEXT, NOON, key).integer_key()
    assert refusal.value.faults[0].code == "invalid_cursor"


def anywhere(dice: random.Random) -> Point:
    """A point on Earth, its edges and poles and one crossroads more often than chance would have it."""
    longitude = dice.choice((dice.uniform(-180, 180), -180.0, 180.0, MIDDLE.longitude))
    latitude = dice.choice((dice.uniform(-90, 90), -90.0, 90.0, MIDDLE.latitude))
    return Point(longitude, latitude)


async def test_boxes_all_over_the_globe_find_what_plain_comparison_finds(storage: Storage) -> None:
    """Three hundred places, two hundred boxes, thin ones among them; the map's edges and the poles."""
    dice = random.Random(4)
    places = [
        replace(
            a_place(number, themes=dice.choice(((), (PUBS,), (MURALS, PUBS)))),
            location=anywhere(dice),
        )
        for number in range(1, 301)
    ]
    await put(storage, *places)
    async with storage.read() as work:
        for _ in range(200):
            one, other = anywhere(dice), anywhere(dice)
            box = BoundingBox(
                min(one.longitude, other.longitude),
                min(one.latitude, other.latitude),
                max(one.longitude, other.longitude),
                max(one.latitude, other.latitude),
            )
            themes = dice.choice(((), (PUBS.id,), (MURALS.id, PUBS.id)))
            expected = [
                place
                for place in places
                if box.contains(place.location)
                and (not themes or set(themes) & set(place.theme_ids))
            ]
            assert await work.catalogue.within(box, themes) == expected
