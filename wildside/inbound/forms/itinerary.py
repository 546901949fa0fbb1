"""A walk as a person likes to read it: a title, times on the clock of the walk, plain directions."""

from __future__ import annotations

from collections.abc import Iterator

from wildside.domain.route import Leg, Walk

WARNINGS = {
    "sparse_area": "There is little to see for these interests around here.",
    "stairs_unavoidable": "Part of this walk cannot be had without stairs.",
    "unlit_sections": "Part of this walk is not lit at night.",
    "hours_unknown": "We do not know the opening hours of every stop.",
    "must_visit_unreachable": "Not every place you asked for fits into your time.",
    "must_visit_closed": "A place you asked for is closed while you walk.",
}


def title(walk: Walk) -> str:
    """One line that tells this walk from another."""
    minutes = round(walk.summary.total_seconds / 60)
    names = [stop.place.name for stop in walk.stops]
    if not names:
        return f"A walk of {minutes} minutes without a stop" if minutes else "Nothing to see here"
    if len(names) == 1:
        return f"{names[0]}, {minutes} minutes"
    best = sorted(walk.stops, key=lambda stop: -stop.score)[:2]
    first, second = sorted(best, key=lambda stop: stop.position)
    return f"{first.place.name} and {second.place.name}, {minutes} minutes"


def distance(metres: float) -> str:
    """Metres to the nearest ten, kilometres from one on."""
    return f"{metres / 1000:.1f} km" if metres >= 995 else f"{max(10, round(metres, -1)):.0f} m"


def clock(seconds: float) -> str:
    """Hours and minutes since departure, like 0:42."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def directions(leg: Leg) -> Iterator[str]:
    """What to do on the leg, a line each."""
    yield from (instruction.text for instruction in leg.instructions)
