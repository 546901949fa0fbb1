"""Cursors survive their journey through a browser, and pages cover everything exactly once."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildside.domain.errors import Invalid
from wildside.domain.moments import microseconds, moment
from wildside.domain.paging import (
    MOST_PAGES_COUNTED,
    Cursor,
    Direction,
    Page,
    PageRequest,
    page_of,
)

MOMENTS = st.datetimes(timezones=st.just(UTC))
KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
Thing = tuple[datetime, str]


def wrapped(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def outcome_of(text: str) -> str:
    try:
        Cursor.decode(text)
    except Invalid as refusal:
        return refusal.faults[0].code
    return "understood"


def code_of(text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        Cursor.decode(text)
    return refusal.value.faults[0].code


@given(
    direction=st.sampled_from(Direction),
    created_at=MOMENTS,
    key=KEYS,
    pages=st.integers(1, MOST_PAGES_COUNTED),
)
def test_a_cursor_comes_back_as_it_was(
    direction: Direction, created_at: datetime, key: str, pages: int
) -> None:
    """To the microsecond, and made of letters that need no escaping in an address."""
    cursor = Cursor(direction, created_at, key, pages)
    text = cursor.encode()
    assert Cursor.decode(text) == cursor
    assert text.replace("-", "").replace("_", "").isalnum()


@given(moment_=MOMENTS)
def test_moments_are_exact(moment_: datetime) -> None:
    """No float on the way."""
    assert moment(microseconds(moment_)) == moment_


@given(text=st.text(max_size=300))
def test_whatever_is_no_cursor_of_ours_is_refused_in_our_words(text: str) -> None:
    """Never another error: the decoder meets everything the world may send."""
    assert outcome_of(text) in {"understood", "invalid_cursor", "unsupported_direction"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
)


@given(value=JSON | st.tuples(st.sampled_from(["next", "prev"]), JSON, JSON, JSON))
def test_json_in_disguise_is_refused_too(value: object) -> None:
    """Or understood, where it happens to be a cursor."""
    assert outcome_of(wrapped(value)) in {
        "understood",
        "invalid_cursor",
        "unsupported_direction",
    }


def test_a_direction_we_do_not_know_has_a_code_of_its_own() -> None:
    """A newer server may know more ways to go."""
    assert code_of(wrapped(["sideways", 0, "k", 1])) == "unsupported_direction"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        wrapped(["next", 0]),
        wrapped(["next", True, "k", 1]),
        wrapped(["next", 1.5, "k", 1]),
        wrapped(["next", "0", "k", 1]),
        wrapped(["next", 10**30, "k", 1]),
        wrapped(["next", 0, 7, 1]),
        wrapped(["next", 0, "\ud800", 1]),
        wrapped({"next": 0, "a": 1, "b": 2, "c": 3}),
        wrapped(["next", 0, "k"]),
        wrapped(["next", 0, "k", 0]),
        wrapped(["next", 0, "k", True]),
        wrapped(["next", 0, "k", MOST_PAGES_COUNTED + 1]),
        "W" * 10_000,
        base64.urlsafe_b64encode(b"[" * 180).decode(),
    ],
)
def test_broken_cursors_are_invalid(text: str) -> None:
    """Truncated, of other types, outside time, unstorable, too long, too deep."""
    assert code_of(text) == "invalid_cursor"


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_one_to_a_hundred_items(limit: int) -> None:
    """Above a hundred is refused, not cut."""
    with pytest.raises(Invalid):
        PageRequest(limit)


def read(things: list[Thing], asked: PageRequest) -> Page[Thing]:
    """A slow, obvious store: all things in order, searched from the cursor on."""
    ordered = sorted(things, reverse=asked.goes_back)
    cursor = asked.cursor
    if cursor is not None:
        mark = (cursor.created_at, cursor.key)
        ordered = [
            thing for thing in ordered if (thing < mark if asked.goes_back else thing > mark)
        ]
    return page_of(ordered[: asked.limit + 1], asked, lambda thing: thing)


START = datetime(2026, 1, 1, tzinfo=UTC)
THINGS = st.sets(
    st.tuples(
        st.integers(0, 5).map(lambda minute: START + timedelta(minutes=minute)),
        st.sampled_from("abcdefghij"),
    ),
    max_size=30,
).map(list)


@given(things=THINGS, limit=st.integers(1, 8))
def test_following_links_visits_everything_once_and_the_way_back_too(
    things: list[Thing], limit: int
) -> None:
    """Many things share one moment; no page but the last is short."""
    page = read(things, PageRequest(limit))
    assert page.prev is None
    pages = [list(page.items)]
    while page.next is not None:
        assert len(page.items) == limit
        page = read(things, PageRequest(limit, page.next))
        pages.append(list(page.items))
    assert [thing for items in pages for thing in items] == sorted(things)
    back = [list(page.items)]
    while page.prev is not None:
        page = read(things, PageRequest(limit, page.prev))
        back.insert(0, list(page.items))
    assert back == pages


@given(things=THINGS, newer=THINGS, limit=st.integers(1, 8))
def test_what_comes_later_disturbs_nobody_who_pages(
    things: list[Thing], newer: list[Thing], limit: int
) -> None:
    """Things are added at the end while somebody reads: they see all the old ones once, then the new."""
    late = [(created_at + timedelta(hours=1), key) for created_at, key in newer]
    page = read(things, PageRequest(limit))
    seen = list(page.items)
    grown = things + late
    while page.next is not None:
        page = read(grown, PageRequest(limit, page.next))
        seen += page.items
    assert seen[: len(things)] == sorted(things)
    assert len(seen) == len(set(seen))


def test_when_a_page_has_emptied_the_way_back_is_left() -> None:
    """Everything after the cursor was deleted meanwhile."""
    cursor = Cursor(Direction.NEXT, START, "a")
    page = read([(START, "a")], PageRequest(5, cursor))
    assert list(page.items) == []
    assert page.next is None
    assert page.prev == Cursor(Direction.PREV, START, "a", 2)
    back = Cursor(Direction.PREV, START, "a")
    page = read([(START, "b")], PageRequest(5, back))
    assert (list(page.items), page.prev) == ([], None)
    assert page.next == Cursor(Direction.NEXT, START, "a", 2)


def test_a_cursor_knows_how_many_pages_were_turned() -> None:
    """Forward or back, each page is one more; it is counted no further than anybody turns."""
    things = [(START + timedelta(seconds=number), str(number)) for number in range(5)]
    first = read(things, PageRequest(2))
    assert first.next is not None
    assert first.next.pages == 1
    second = read(things, PageRequest(2, first.next))
    assert second.prev is not None
    assert second.prev.pages == 2
    assert read(things, PageRequest(2, second.prev)).next == Cursor(Direction.NEXT, *things[1], 3)
    worn = PageRequest(2, Cursor(Direction.NEXT, START, "0", MOST_PAGES_COUNTED))
    assert worn.pages_with_this == MOST_PAGES_COUNTED
