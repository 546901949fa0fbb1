// Names on the map: water and parks slanted, streets along their course, places by rank, sights as dots.

const base = (id, sourceLayer, rest) => ({
  id,
  type: "symbol",
  source: "base",
  "source-layer": sourceLayer,
  ...rest,
});
const kindIs = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
const byZoom = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];

function ink(colour, halo, width = 1.4) {
  return { "text-color": colour, "text-halo-color": halo, "text-halo-width": width };
}

/** Above the dots, below the names: that is where the page draws a walk. */
export function labelLayers(colours) {
  return [
    ...sightLayers(colours),
    ...streetNames(colours),
    ...groundNames(colours),
    ...placeNames(colours),
  ];
}

function sightLayers(colours) {
  return [
    {
      id: "poi-dot",
      type: "circle",
      source: "pois",
      "source-layer": "pois",
      minzoom: 13,
      layout: { "circle-sort-key": ["get", "score"] },
      paint: {
        "circle-color": colours.poi,
        "circle-radius": [
          "interpolate",
          ["linear"],
          ["zoom"],
          13,
          ["+", 1, ["*", 1.5, ["coalesce", ["get", "score"], 0]]],
          17,
          ["+", 2.6, ["*", 2.4, ["coalesce", ["get", "score"], 0]]],
        ],
        "circle-stroke-color": colours["poi-halo"],
        "circle-stroke-width": byZoom(13, 0.5, 17, 1.4),
      },
    },
    {
      id: "poi-name",
      type: "symbol",
      source: "pois",
      "source-layer": "pois",
      minzoom: 15.5,
      layout: {
        "symbol-sort-key": ["-", 0, ["coalesce", ["get", "score"], 0]],
        "text-field": ["get", "name"],
        "text-font": ["Slanted"],
        "text-size": byZoom(15.5, 11.5, 18, 14),
        "text-max-width": 8,
        "text-padding": 6,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 0.6,
        "text-justify": "auto",
      },
      paint: ink(colours["label-soft"], colours["label-halo"]),
    },
  ];
}

function streetNames(colours) {
  const along = {
    "symbol-placement": "line",
    "text-field": ["get", "name"],
    "text-font": ["Plain"],
    "text-letter-spacing": 0.03,
    "text-padding": 4,
    "symbol-spacing": 320,
  };
  return [
    base("path-name", "path", {
      minzoom: 16,
      layout: { ...along, "text-size": byZoom(16, 10.5, 18, 13), "text-font": ["Slanted"] },
      paint: ink(colours["label-soft"], colours["label-halo"]),
    }),
    base("street-name", "road", {
      minzoom: 14.5,
      filter: ["!", kindIs("motorway", "trunk", "primary", "secondary", "rail", "tram")],
      layout: { ...along, "text-size": byZoom(14.5, 10.5, 18, 15) },
      paint: ink(colours["label-soft"], colours["label-halo"]),
    }),
    base("main-street-name", "road", {
      minzoom: 13,
      filter: kindIs("motorway", "trunk", "primary", "secondary"),
      layout: { ...along, "text-size": byZoom(13, 10.5, 18, 16) },
      paint: ink(colours.label, colours["label-halo"]),
    }),
  ];
}

function groundNames(colours) {
  const area = {
    "text-field": ["get", "name"],
    "text-font": ["Slanted"],
    "text-max-width": 7,
    "text-padding": 12,
  };
  return [
    base("park-name", "park", {
      minzoom: 14,
      filter: ["has", "name"],
      layout: { ...area, "text-size": byZoom(14, 11, 18, 16) },
      paint: ink(colours["park-label"], colours["label-halo"]),
    }),
    base("water-name", "water", {
      minzoom: 13,
      filter: ["has", "name"],
      layout: { ...area, "text-size": byZoom(13, 11, 18, 17), "text-letter-spacing": 0.06 },
      paint: ink(colours["water-label"], colours["label-halo"]),
    }),
    base("waterway-name", "waterway", {
      minzoom: 13,
      filter: ["has", "name"],
      layout: {
        ...area,
        "symbol-placement": "line",
        "text-size": byZoom(13, 11, 18, 16),
        "text-letter-spacing": 0.12,
      },
      paint: ink(colours["water-label"], colours["label-halo"]),
    }),
  ];
}

function placeNames(colours) {
  const sort = { "symbol-sort-key": ["coalesce", ["get", "rank"], 9] };
  return [
    base("neighbourhood-name", "place", {
      minzoom: 12.5,
      maxzoom: 17,
      filter: kindIs("suburb", "neighbourhood", "village"),
      layout: {
        ...sort,
        "text-field": ["get", "name"],
        "text-font": ["Strong"],
        "text-transform": "uppercase",
        "text-letter-spacing": 0.16,
        "text-size": byZoom(12.5, 10, 16, 14),
        "text-max-width": 7,
        "text-padding": 10,
      },
      paint: { ...ink(colours.place, colours["label-halo"], 1.8), "text-opacity": 0.72 },
    }),
    base("city-name", "place", {
      maxzoom: 14,
      filter: kindIs("city", "town"),
      layout: {
        ...sort,
        "text-field": ["get", "name"],
        "text-font": ["Title"],
        "text-size": byZoom(8, 15, 13, 30),
        "text-padding": 10,
      },
      paint: ink(colours.place, colours["label-halo"], 2),
    }),
  ];
}
