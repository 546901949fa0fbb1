"""Who may walk where, by the words of the map."""

import pytest

from solver.osm_walkable import Flag, WayClass, area_traits_of, stops_walkers, traits_of


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "residential", "oneway": "yes"}, True),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway", "foot": "yes"}, False),
        ({"highway": "construction", "construction": "footway"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "footway", "foot": "no"}, False),
        ({"highway": "footway", "access": "private"}, False),
        ({"highway": "footway", "access": "private", "foot": "yes"}, True),
        ({"highway": "service", "access": "no", "foot": "designated"}, True),
        ({"highway": "path", "foot": "use_sidepath"}, False),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk", "sidewalk": "both"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "designated"}, True),
        ({"highway": "primary", "motorroad": "yes"}, False),
        ({"route": "ferry"}, False),
        ({"route": "ferry", "foot": "yes", "man_made": "pier"}, False),
        ({"man_made": "pier"}, True),
        ({"railway": "platform"}, True),
        ({"public_transport": "platform", "foot": "no"}, False),
        ({"building": "yes"}, False),
    ],
)
def test_access_decides_from_the_special_to_the_general(
    tags: dict[str, str], walkable: bool
) -> None:
    """`foot` beats `access`, `access` beats what the kind of way allows by default."""
    assert (traits_of(tags, is_closed=False) is not None) is walkable


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({"highway": "residential", "oneway": "yes"}, Flag.FORWARD | Flag.BACKWARD),
        ({"highway": "footway", "oneway:foot": "yes"}, Flag.FORWARD),
        ({"highway": "footway", "oneway:foot": "-1"}, Flag.BACKWARD),
        ({"highway": "steps", "conveying": "backward"}, Flag.BACKWARD),
        ({"highway": "steps", "conveying": "yes"}, Flag.FORWARD | Flag.BACKWARD),
        ({"highway": "path", "foot:backward": "no"}, Flag.FORWARD),
    ],
)
def test_a_oneway_for_wheels_is_none_for_feet(tags: dict[str, str], directions: Flag) -> None:
    """Only tags about walkers and moving stairs close a direction."""
    traits = traits_of(tags, is_closed=False)
    assert traits is not None
    assert traits.flags & (Flag.FORWARD | Flag.BACKWARD) == directions


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "access": "private"}, True),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, False),
        ({"barrier": "gate", "locked": "yes"}, True),
        ({"barrier": "bollard"}, False),
        ({"barrier": "wall"}, True),
        ({"barrier": "wall", "foot": "yes"}, False),
        ({"barrier": "stile"}, False),
        ({"highway": "crossing"}, False),
    ],
)
def test_a_gate_opens_unless_it_is_locked_or_private(tags: dict[str, str], stops: bool) -> None:
    """Walls stop, bollards do not, and `foot` has the last word."""
    assert stops_walkers(tags) is stops


def test_what_a_way_looks_like_is_kept() -> None:
    """Stairs, light, surface, bridge, slope and name survive into the traits."""
    traits = traits_of(
        {
            "highway": "steps",
            "lit": "yes",
            "surface": "sett",
            "bridge": "yes",
            "incline": "-12 %",
            "name": "Fleshmarket Close",
        },
        is_closed=False,
    )
    assert traits is not None
    wanted = Flag.STEPS | Flag.LIT | Flag.PAVED | Flag.OFF_THE_GROUND
    assert traits.flags & wanted == wanted
    assert traits.slope == pytest.approx(-0.12)
    assert traits.name == "Fleshmarket Close"
    assert traits.word >> 11 == WayClass.STEPS


def test_only_what_says_so_is_an_area() -> None:
    """A closed street is a ring; `area=yes`, platforms, piers and relations are plains."""
    ring = traits_of({"highway": "pedestrian"}, is_closed=True)
    square = traits_of({"highway": "pedestrian", "area": "yes"}, is_closed=True)
    pier = traits_of({"man_made": "pier"}, is_closed=True)
    relation = area_traits_of({"highway": "pedestrian"})
    assert ring is not None
    assert not ring.is_area
    assert all(traits is not None and traits.is_area for traits in (square, pier, relation))
