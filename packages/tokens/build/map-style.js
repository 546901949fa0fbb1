// Draws the city: the MapLibre style, its layers from the ground up, in the colours of one theme.
import { labelLayers } from "./map-labels.js";

/** Layers of the base map that carry text come last, so that a walk can be drawn just below them. */
export function mapStyle(themeName, colours) {
  return {
    version: 8,
    name: `Wildside ${themeName}`,
    metadata: { "wildside:theme": themeName },
    "font-faces": FONT_FACES,
    sources: {
      base: { type: "vector", url: "/tiles/base.json" },
      pois: { type: "vector", url: "/tiles/pois.json" },
    },
    layers: [
      { id: "land", type: "background", paint: { "background-color": colours.land } },
      ...groundLayers(colours),
      ...waterLayers(colours),
      ...buildingLayers(colours),
      ...wayLayers(colours),
      ...labelLayers(colours),
    ],
  };
}

// The Unicode ranges are those the font files were cut by; others fall back to the reader's fonts.
const LATIN = [
  "U+0000-00FF",
  "U+0131",
  "U+0152-0153",
  "U+02BB-02BC",
  "U+02C6",
  "U+02DA",
  "U+02DC",
  "U+2000-206F",
  "U+20AC",
];
const LATIN_EXTENDED = ["U+0100-02BA", "U+02BD-02C5", "U+1E00-1E9F", "U+1EF2-1EFF"];
const GREEK = ["U+0370-03FF"];
const CYRILLIC = ["U+0400-045F", "U+0490-0491", "U+04B0-04B1", "U+2116"];

function fontFace(cut) {
  const subsets = { latin: LATIN, "latin-ext": LATIN_EXTENDED, greek: GREEK, cyrillic: CYRILLIC };
  return Object.entries(subsets).map(([subset, range]) => ({
    url: `font:${cut.replace("SUBSET", subset)}`,
    "unicode-range": range,
  }));
}

const FONT_FACES = {
  Plain: fontFace("alegreya-sans-SUBSET-500-normal"),
  Strong: fontFace("alegreya-sans-SUBSET-700-normal"),
  Slanted: fontFace("alegreya-sans-SUBSET-500-italic"),
  Title: fontFace("alegreya-SUBSET-wght-normal"),
};

const base = (id, type, sourceLayer, rest) => ({
  id,
  type,
  source: "base",
  "source-layer": sourceLayer,
  ...rest,
});
const kindIs = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
const byZoom = (...stops) => ["interpolate", ["exponential", 1.5], ["zoom"], ...stops];
const isTrue = (name) => ["in", ["to-string", ["get", name]], ["literal", ["true", "yes", "1"]]];

function groundLayers(colours) {
  const landuse = [
    "match",
    ["get", "kind"],
    ["residential", "commercial"],
    colours.town,
    "industrial",
    colours.industry,
    "forest",
    colours.wood,
    ["grass", "farmland"],
    colours.grass,
    "beach",
    colours.beach,
    "rock",
    colours.rock,
    "railway",
    colours["railway-land"],
    ["education", "hospital"],
    colours.campus,
    colours.town,
  ];
  return [
    base("landuse", "fill", "landuse", { paint: { "fill-color": landuse } }),
    base("park", "fill", "park", {
      paint: {
        "fill-color": ["match", ["get", "kind"], ["pitch", "golf"], colours.grass, colours.park],
      },
    }),
    base("park-edge", "line", "park", {
      minzoom: 13,
      paint: { "line-color": colours["park-edge"], "line-width": byZoom(13, 0.4, 18, 1.4) },
    }),
  ];
}

function waterLayers(colours) {
  return [
    base("sea", "fill", "sea", { paint: { "fill-color": colours.sea } }),
    base("waterway", "line", "waterway", {
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": colours.water,
        "line-width": [
          "interpolate",
          ["exponential", 1.5],
          ["zoom"],
          11,
          ["match", ["get", "kind"], ["river", "canal"], 1.2, 0.3],
          18,
          ["match", ["get", "kind"], ["river", "canal"], 14, 4],
        ],
      },
    }),
    base("water", "fill", "water", { paint: { "fill-color": colours.water } }),
    base("water-edge", "line", "water", {
      minzoom: 13,
      paint: { "line-color": colours["water-edge"], "line-width": byZoom(13, 0.4, 18, 1.4) },
    }),
    base("sea-edge", "line", "sea", {
      minzoom: 11,
      paint: { "line-color": colours["water-edge"], "line-width": byZoom(11, 0.4, 18, 1.4) },
    }),
  ];
}

function buildingLayers(colours) {
  const grow = byZoom(13, 0, 14.5, 1);
  // Churches and public buildings are what a walker finds the way by.
  const isNotable = kindIs("religious", "civic");
  const notable = ["case", isNotable, colours["building-notable"], colours.building];
  return [
    base("plaza", "fill", "plaza", {
      minzoom: 12,
      paint: { "fill-color": colours.plaza, "fill-outline-color": colours["road-edge"] },
    }),
    base("building", "fill", "building", {
      minzoom: 13,
      paint: { "fill-color": notable, "fill-opacity": grow },
    }),
    base("building-edge", "line", "building", {
      minzoom: 14.5,
      paint: {
        "line-color": colours["building-edge"],
        "line-width": byZoom(14.5, 0.3, 18, 1.1),
        "line-opacity": grow,
      },
    }),
    base("barrier", "line", "barrier", {
      minzoom: 16,
      paint: {
        "line-color": ["match", ["get", "kind"], "hedge", colours["park-edge"], colours.barrier],
        "line-width": ["match", ["get", "kind"], "city_wall", 2.4, 0.8],
      },
    }),
  ];
}

/** Width in pixels of a road's surface at zoom 10 and at zoom 18. */
const ROAD_WIDTHS = [
  [["motorway", "trunk"], 1.6, 24],
  [["primary"], 1.4, 22],
  [["secondary"], 1.1, 20],
  [["tertiary"], 0.8, 17],
  [["street", "pedestrian"], 0.3, 13],
  [["service", "track"], 0.1, 7],
];

function roadWidth(extra) {
  const at = (column) => [
    "match",
    ["get", "kind"],
    ...ROAD_WIDTHS.flatMap((row) => [row[0], row[column] + extra(column)]),
    1,
  ];
  return ["interpolate", ["exponential", 1.55], ["zoom"], 10, at(1), 18, at(2)];
}

function wayLayers(colours) {
  const round = { "line-cap": "round", "line-join": "round" };
  const isRoad = ["!", kindIs("rail", "tram")];
  const surface = [
    "match",
    ["get", "kind"],
    ["motorway", "trunk", "primary"],
    colours["road-main"],
    "pedestrian",
    colours.plaza,
    colours.road,
  ];
  const roadsFrom = (id, rest) => [
    base(`${id}-edge`, "line", "road", {
      ...rest,
      layout: round,
      paint: {
        "line-color": colours["road-edge"],
        "line-width": roadWidth((column) => (column === 1 ? 0.5 : 2.4)),
        ...rest.edgePaint,
      },
    }),
    base(id, "line", "road", {
      ...rest,
      layout: round,
      paint: { "line-color": surface, "line-width": roadWidth(() => 0), ...rest.surfacePaint },
    }),
  ];
  const without = ({ edgePaint, surfacePaint, ...layer }) => layer;
  const ground = ["all", isRoad, ["!", isTrue("bridge")], ["!", isTrue("tunnel")]];
  return [
    ...roadsFrom("tunnel", {
      minzoom: 12,
      filter: ["all", isRoad, isTrue("tunnel")],
      edgePaint: { "line-opacity": 0.35 },
      surfacePaint: { "line-opacity": 0.35 },
    }).map(without),
    base("path-edge", "line", "path", {
      minzoom: 14.5,
      filter: ["!", isTrue("tunnel")],
      layout: { "line-cap": "round" },
      paint: {
        "line-color": colours["label-halo"],
        "line-width": byZoom(14.5, 0.8, 18, 5),
        "line-opacity": 0.55,
      },
    }),
    base("path", "line", "path", {
      minzoom: 13,
      filter: ["!", kindIs("steps")],
      layout: { "line-join": "round" },
      paint: {
        "line-color": colours.path,
        "line-width": byZoom(13, 0.4, 18, 2),
        "line-dasharray": [3, 1.6],
        "line-opacity": byZoom(13, 0.4, 15, 0.85),
      },
    }),
    // Short dashes as wide as a stair, the way walking maps draw steps.
    base("steps", "line", "path", {
      minzoom: 14.5,
      filter: kindIs("steps"),
      paint: {
        "line-color": colours.steps,
        "line-width": byZoom(14.5, 1.6, 18, 6),
        "line-dasharray": [0.35, 0.35],
      },
    }),
    ...roadsFrom("road", { filter: ground }).map(without),
    ...railLayers(colours),
    ...roadsFrom("bridge", { minzoom: 12, filter: ["all", isRoad, isTrue("bridge")] }).map(without),
  ];
}

function railLayers(colours) {
  return [
    base("tram", "line", "road", {
      minzoom: 14,
      filter: kindIs("tram"),
      paint: {
        "line-color": colours.rail,
        "line-width": byZoom(14, 0.5, 18, 1.4),
        "line-opacity": 0.7,
      },
    }),
    base("rail", "line", "road", {
      minzoom: 11,
      filter: ["all", kindIs("rail"), ["!", isTrue("tunnel")]],
      paint: { "line-color": colours.rail, "line-width": byZoom(11, 0.5, 18, 2) },
    }),
    base("rail-sleepers", "line", "road", {
      minzoom: 14,
      filter: ["all", kindIs("rail"), ["!", isTrue("tunnel")]],
      paint: {
        "line-color": colours.rail,
        "line-width": byZoom(14, 2.5, 18, 7),
        "line-dasharray": [0.25, 2.2],
      },
    }),
  ];
}
