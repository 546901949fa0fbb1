"""What there is to see in the sample town: two hundred invented names, by where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Tags = Mapping[str, str]

TOWN_NAME = "Wildhaven"
MARKET_SQUARE = "Market Cross Square"
CASTLE = "Wildhaven Castle"
CATHEDRAL = "St Brannoc's Cathedral"
CATHEDRAL_YARD = "Cathedral Yard"

CLOSES = (
    "Tinker's Close", "Lanternmaker's Close", "Old Saltpan Wynd", "Cooper's Court", "Bell Pend",
    "Printer's Close", "Magpie Yard", "World's Turn Close", "Herring Wynd", "Clockmaker's Court",
    "Mint Close", "Whalebone Pend", "Widow Hale's Close", "Chandler's Court",
)  # fmt: skip

STREETS = (
    "High Street", "Candle Row", "Anchor Lane", "Saltmarket", "Weaver Street", "Lantern Street",
    "Cloth Fair", "Fishergate", "Old Mint Street", "Brewer's Row", "Chapel Lane", "Harp Street",
    "Rope Walk", "Coppersmith Lane", "Thistle Street", "Quill Lane", "Copper Street", "Gull Lane",
    "Orchard Street", "Millrace Lane", "Bellfield Road", "Almond Street", "Hawthorn Road",
    "Juniper Place", "Fennel Street", "Rowan Road", "Larch Avenue", "Marigold Terrace",
    "Observatory Road", "Crescent Road", "Albany Street", "Pelican Street", "Walnut Grove",
    "Kestrel Road", "Foundry Lane", "Gasworks Road", "Station Road", "Ferry Road", "Tidewater Street",
    "Sandpiper Road", "Cormorant Street", "Mariner Terrace", "Lighthouse Road", "Pebble Lane",
    "Cinder Lane", "Nettle Lane", "Bramble Road", "Badger Lane", "Wren Street", "Swift Street",
    "Sorrel Road", "Sycamore Avenue", "Aspen Road", "Elder Lane", "Poplar Street", "Ivy Lane",
    "Northgate", "Westgate", "Eastgate", "Monk Street", "Abbot's Lane", "Friar Street", "Pilgrim Street",
    "Scholar's Row", "Star Street", "Comet Lane", "Moon Street", "Harbour Street", "Customs Lane",
    "Tar Lane", "Net Street", "Oyster Row", "Mussel Lane", "Bridge Street", "Swan Street", "Otter Lane",
    "Willow Walk", "Reed Street", "Heron Road", "Fern Street", "Moss Lane", "Clover Street",
    "Barley Road", "Harvest Lane", "Windmill Road", "Quarry Road", "Slate Street", "Granite Row",
    "Flint Lane", "Garnet Street", "Amber Street", "Jet Lane", "Opal Row", "Coral Road", "Pearl Street",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sight:
    """A named place; `where` names the part of town, `as_building` takes the whole house."""

    name: str
    where: str
    tags: Tags = field(default_factory=dict)
    as_building: bool = False


def _all(where: str, tags: Tags, *names: str, as_building: bool = False) -> list[Sight]:
    return [Sight(name, where, tags, as_building) for name in names]


def _artists(where: str, kind: str, *works: tuple[str, str]) -> list[Sight]:
    return [
        Sight(name, where, {"tourism": "artwork", "artwork_type": kind, "artist_name": artist})
        for name, artist in works
    ]


SIGHTS: tuple[Sight, ...] = (
    *_artists(
        "wall", "mural",
        ("The Giant Heron", "Mirra Oke"), ("Night Boats", "Jun Aldous"), ("Seven Weavers", "Ila Brandt"),
        ("The Whale in the Lane", "Mirra Oke"), ("Blue Umbrella", "Tomas Reed"),
        ("Fox at the Window", "Petra Lune"), ("The Long Tide", "Jun Aldous"),
        ("Dancers on Rope Walk", "Ila Brandt"), ("Hundred Gulls", "Tomas Reed"),
        ("Grandmother's Garden", "Petra Lune"), ("Signal Flags", "Odo Venn"),
        ("The Sleeping Lighthouse", "Odo Venn"), ("Moth and Lantern", "Mirra Oke"),
    ),
    *_artists(
        "open", "sculpture",
        ("The Listening Stone", "Ansel Creed"), ("Three Swimmers", "Vera Holm"),
        ("Iron Reeds", "Ansel Creed"), ("The Wanderer", "Vera Holm"), ("Tall Bell", "Rune Calder"),
        ("Folded Boat", "Rune Calder"), ("The Open Hand", "Vera Holm"),
    ),
    *_artists("park", "sculpture", ("Heron Gate", "Ansel Creed"), ("Stone Wave", "Rune Calder")),
    *_artists("seafront", "sculpture", ("The Fisher's Daughter", "Vera Holm"), ("Wind Harp", "Rune Calder")),
    *_all(
        "old", {"amenity": "pub", "heritage": "2"},
        "The Drowned Bell", "The Tinker's Rest", "The Salt & Lantern", "The Old Compass",
        "The Whistling Eel", "The Three Herrings", "The Magpie and Crown", "The Weaver's Arms",
    ),
    *_all("new", {"amenity": "pub"}, "The Copper Kettle", "The Brown Hare", "The Lamplighter"),
    *_all("harbour", {"amenity": "pub", "live_music": "yes"}, "The Anchor Inn", "The Last Tide"),
    Sight("The Cross Keys Inn", "old", {"amenity": "pub", "historic": "pub", "start_date": "1684"}, True),
    *_all(
        "old", {"amenity": "cafe"},
        "Slow Morning", "Candle Row Coffee", "The Reading Cup", "Poppyseed", "Little Owl Café",
        "Quill & Crumb",
    ),
    *_all("new", {"amenity": "cafe"}, "North Light Coffee", "Juniper Café", "Velvet Bean", "Paper Boat Café"),
    *_all("promenade", {"amenity": "cafe"}, "The Boathouse Café", "Riverbend"),
    *_all("seafront", {"amenity": "cafe"}, "Café Horizon"),
    *_all(
        "old", {"amenity": "restaurant"},
        "The Smoked Trout", "Saffron & Sea", "The Crooked Table", "Mama Ilse", "Ember",
    ),
    *_all("new", {"amenity": "restaurant"}, "Fennel House", "The Glass Fig", "Noodle Lane"),
    *_all("harbour", {"amenity": "restaurant"}, "The Net Loft", "Oyster & Oar", "Captain Bly's Kitchen"),
    *_all("old", {"shop": "bakery"}, "The Oven Door", "Barley & Rye"),
    *_all("new", {"shop": "pastry"}, "Almond Street Pâtisserie"),
    *_all("seafront", {"amenity": "ice_cream"}, "Gelato Gabbiano", "The Penny Lick"),
    *_all("old", {"shop": "cheese"}, "The Rind"),
    *_all("old", {"shop": "books"}, "The Paper Lantern", "Marrow & Page", "Second Tide Books"),
    *_all("new", {"shop": "books"}, "Albany Books", "The Footnote"),
    *_all("old", {"shop": "antiques"}, "The Curious Drawer", "Hale & Daughter Antiques"),
    *_all("old", {"shop": "music"}, "Needle & Groove"),
    *_all("old", {"craft": "clockmaker", "shop": "watches"}, "Ticking Shop"),
    *_all("old", {"craft": "luthier", "shop": "musical_instrument"}, "Fiddle & Bow"),
    *_all("old", {"shop": "craft"}, "The Wool Barge", "Ropemaker's Daughter"),
    *_all("new", {"shop": "pottery"}, "Kiln & Clay"),
    *_all("new", {"shop": "florist"}, "Wild Thyme"),
    *_all("harbour", {"shop": "antiques"}, "The Ship's Chandlery"),
    Sight("Wildhaven Museum", "old", {"tourism": "museum", "start_date": "1869", "architect": "E. Marsh",
          "name:de": "Museum Wildhaven", "name:fr": "Musée de Wildhaven", "heritage": "2"}, True),
    Sight("Museum of Lost Letters", "old", {"tourism": "museum"}, True),
    Sight("The Printing House Museum", "old", {"tourism": "museum", "museum": "technology"}, True),
    Sight("Writers' Attic Museum", "old", {"tourism": "museum"}, True),
    Sight("Maritime Museum", "harbour", {"tourism": "museum", "name:de": "Schifffahrtsmuseum",
          "name:fr": "Musée maritime"}, True),
    Sight("Museum of Tides and Science", "new", {"tourism": "museum", "museum": "science"}, True),
    Sight("Toy Museum", "new", {"tourism": "museum"}, True),
    *_all("old", {"tourism": "gallery"}, "The White Room", "Gallery Northgate"),
    *_all("new", {"tourism": "gallery"}, "Crescent Gallery"),
    *_all("harbour", {"tourism": "gallery"}, "The Sail Loft Gallery"),
    Sight(CATHEDRAL, "square", {"amenity": "place_of_worship", "building": "cathedral",
          "religion": "christian", "start_date": "1240", "heritage": "1", "tourism": "attraction",
          "name:de": "Kathedrale St. Brannoc", "name:fr": "Cathédrale Saint-Brannoc",
          "name:es": "Catedral de San Brannoc", "name:it": "Cattedrale di San Brannoc"}, True),
    Sight("Mariners' Chapel", "harbour", {"amenity": "place_of_worship", "building": "chapel",
          "religion": "christian", "start_date": "1712"}, True),
    *_all("new", {"amenity": "place_of_worship", "building": "church", "religion": "christian"},
          "St Hilda's Church", as_building=True),
    *_all("outer", {"amenity": "place_of_worship", "building": "church", "religion": "christian"},
          "Church of the Three Wells", as_building=True),
    *_all("new", {"amenity": "place_of_worship", "building": "mosque", "religion": "muslim"},
          "Garnet Street Mosque", as_building=True),
    *_all("old", {"amenity": "place_of_worship", "building": "synagogue", "religion": "jewish"},
          "Quill Lane Synagogue", as_building=True),
    Sight("Friary Ruins", "outer", {"historic": "ruins", "start_date": "1290", "heritage": "2"}),
    Sight("The Sea Stones", "seafront", {"historic": "archaeological_site", "site_type": "megalith"}),
    *_all("open", {"historic": "memorial", "memorial": "statue"},
          "Statue of Agnes Hale, Novelist", "Statue of Captain Bly", "Statue of Professor Lorne"),
    *_all("wall", {"historic": "memorial", "memorial": "plaque"},
          "Poet Edda Winter lived here", "Site of the Old Tolbooth", "First Street Lamp of Wildhaven",
          "Professor Ines Marlow, Astronomer", "The Writer's Window", "Railway Workshops Plaque"),
    *_all("open", {"historic": "memorial"}, "War Memorial", "Fishermen's Memorial", "Weavers' Strike Stone",
          "Agnes Hale's Bench"),
    *_all("open", {"historic": "monument"}, "Market Cross", "Mercat Obelisk"),
    *_all("hill", {"historic": "cannon"}, "Old Thunder", "The Captain's Gun"),
    Sight("Postern Gate", "hillside", {"historic": "city_gate", "start_date": "1390"}),
    Sight("Water Gate", "harbour", {"historic": "city_gate", "start_date": "1402"}),
    Sight("Watch Tower", "hillside", {"man_made": "tower", "tower:type": "observation", "historic": "tower"}),
    *_all("hill", {"tourism": "viewpoint"}, "Castle Rock Viewpoint", "Drummer's View"),
    *_all("park", {"tourism": "viewpoint"}, "Linden Rise"),
    *_all("seafront", {"tourism": "viewpoint"}, "Horizon Bench"),
    *_all("promenade", {"tourism": "viewpoint"}, "Bend of the River"),
    *_all("open", {"amenity": "fountain"}, "Four Winds Fountain", "The Salt Well", "Dolphin Fountain"),
    *_all("park", {"amenity": "fountain"}, "Heron Fountain"),
    *_all("old", {"amenity": "marketplace"}, "Covered Market", as_building=True),
    *_all("harbour", {"amenity": "marketplace"}, "Fish Market", as_building=True),
    *_all("new", {"amenity": "marketplace"}, "Sunday Print Market"),
    Sight("Theatre Royal", "new", {"amenity": "theatre", "start_date": "1883", "architect": "E. Marsh",
          "heritage": "2"}, True),
    *_all("old", {"amenity": "theatre"}, "The Little Lantern Theatre", as_building=True),
    *_all("new", {"amenity": "cinema"}, "The Electric Palace", as_building=True),
    *_all("old", {"amenity": "cinema"}, "Attic Pictures"),
    Sight("Harbour Concert Hall", "harbour", {"amenity": "theatre", "theatre:type": "concert_hall"}, True),
    *_all("park", {"leisure": "bandstand"}, "Linden Bandstand"),
    *_all("old", {"amenity": "music_venue"}, "The Cellar Door", "Blue Cat Jazz Club"),
    Sight("Old Gasworks", "outer", {"historic": "industrial", "start_date": "1851"}, True),
    Sight("Tidewater Brewery", "harbour", {"craft": "brewery", "industrial": "brewery"}, True),
    Sight("Number Nine Chimney", "outer", {"man_made": "chimney", "historic": "industrial"}),
    Sight("Harbour Crane No. 2", "harbour", {"man_made": "crane", "historic": "crane", "start_date": "1908"}),
    Sight("Foundry Gate", "outer", {"historic": "industrial"}),
    Sight("Marlow Observatory", "outer", {"man_made": "observatory", "start_date": "1892",
          "tourism": "attraction"}, True),
    Sight("Wildhaven University Old College", "new", {"amenity": "university", "start_date": "1790",
          "architect": "R. Lorne", "heritage": "2"}, True),
    Sight("Town Library", "new", {"amenity": "library", "architect": "E. Marsh"}, True),
    *_all("old", {"amenity": "library"}, "Scholars' Library", as_building=True),
    *_all("open", {"amenity": "public_bookcase"}, "Linden Book Box", "Harbour Book Box"),
    Sight("House of Edda Winter, Poet", "old", {"historic": "house", "tourism": "attraction"}, True),
    Sight("Town Hall", "square", {"amenity": "townhall", "building": "civic", "architect": "R. Lorne",
          "start_date": "1811", "heritage": "2"}, True),
    Sight("Custom House", "harbour", {"historic": "building", "architect": "E. Marsh"}, True),
    Sight("Guildhall", "old", {"historic": "building", "start_date": "1598", "heritage": "1"}, True),
    Sight("Merchant Hale's House", "old", {"historic": "manor", "start_date": "1640"}, True),
    Sight("Dovecote House", "outer", {"historic": "manor", "start_date": "1722"}, True),
    Sight("The Glass House", "new", {"historic": "yes", "building": "civic", "architect": "S. Amadi",
          "start_date": "2011"}, True),
    Sight("Grand Station", "outer", {"building": "train_station", "historic": "railway_station"}, True),
    *_all("park", {"leisure": "playground"}, "Heron Playground"),
    *_all("seafront", {"leisure": "playground"}, "Pirate Playground"),
    *_all("outer", {"leisure": "playground"}, "Orchard Playground"),
    *_all("seafront", {"leisure": "miniature_golf"}, "Sea Parade Mini Golf"),
    *_all("park", {"natural": "tree"}, "The Hanging Linden", "King's Oak"),
    *_all("outer", {"natural": "spring"}, "St Hilda's Spring"),
    *_all("promenade", {"leisure": "bird_hide"}, "Kingfisher Hide"),
    *_all("promenade", {"man_made": "quay"}, "Weavers' Quay"),
    *_all("harbour", {"man_made": "quay"}, "Herring Quay"),
    *_all("harbour", {"amenity": "ferry_terminal"}, "Island Ferry"),
    *_all("outer", {"amenity": "nightclub"}, "Warehouse 9"),
    *_all("old", {"tourism": "attraction", "historic": "street"}, "The Narrowest House"),
    *_all("old", {"tourism": "attraction"}, "Camera Obscura of Candle Row"),
    *_all("new", {"tourism": "attraction", "historic": "building"}, "Crescent House"),
)  # fmt: skip

# Open blocks: a name, how the block is used, and the spot it is nearest to.
SQUARES: tuple[tuple[str, Tags, tuple[float, float]], ...] = (
    (MARKET_SQUARE, {"highway": "pedestrian", "area": "yes", "place": "square"}, (-330.0, -150.0)),
    (CATHEDRAL_YARD, {"highway": "pedestrian", "area": "yes", "place": "square"}, (-200.0, -60.0)),
    (
        "Fishwives' Square",
        {"highway": "pedestrian", "area": "yes", "place": "square"},
        (-330.0, -560.0),
    ),
    ("Crescent Gardens", {"leisure": "garden"}, (560.0, 60.0)),
    ("Star Square", {"leisure": "park"}, (830.0, 260.0)),
    ("Physic Garden", {"leisure": "garden", "garden:type": "botanical"}, (-560.0, -260.0)),
    ("Orchard Green", {"leisure": "park"}, (760.0, -330.0)),
    ("St Brannoc's Churchyard", {"amenity": "grave_yard"}, (-120.0, 60.0)),
    ("Old Cemetery", {"landuse": "cemetery"}, (-1020.0, 260.0)),
    ("Tidewater Gardens", {"leisure": "garden"}, (330.0, -600.0)),
    ("Bramble Allotment Park", {"leisure": "park"}, (-820.0, -300.0)),
)
