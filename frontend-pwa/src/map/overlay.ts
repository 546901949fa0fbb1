// Draws the walk between the ground and the names of the base map, and lets the liked places stand out.
import type { ExpressionSpecification, GeoJSONSource, Map as MapLibreMap } from "maplibre-gl";
import type { Position, Route } from "../api/shapes";
import { mapColours, type ThemeName } from "./colours";
import { firstPart, metresAlong } from "./line";

const WALK = "walk";
const LEG = "walk-leg";
const ARROW = "walk-arrow";
/** The first layer of the style that must stay readable over a walk. */
const FIRST_LABEL = "poi-name";
const PLACES = "poi-dot";
const DRAWING_MILLISECONDS = 2400;

const feature = (coordinates: Position[]): Parameters<GeoJSONSource["setData"]>[0] => ({
  type: "Feature",
  properties: {},
  geometry: { type: "LineString", coordinates },
});

/** Adds the empty layers; to be called again after each change of style. */
export function addWalkLayers(map: MapLibreMap, theme: ThemeName): void {
  const colours = mapColours(theme);
  const below = map.getLayer(FIRST_LABEL) ? FIRST_LABEL : undefined;
  for (const id of [WALK, LEG]) {
    if (!map.getSource(id)) map.addSource(id, { type: "geojson", data: feature([]) });
  }
  if (!map.hasImage(ARROW)) map.addImage(ARROW, arrowImage(colours.walkCasing), { pixelRatio: 2 });
  const line = (id: string, source: string, colour: string, widths: [number, number]) =>
    map.addLayer(
      {
        id,
        type: "line",
        source,
        layout: { "line-cap": "round", "line-join": "round" },
        paint: {
          "line-color": colour,
          "line-width": ["interpolate", ["linear"], ["zoom"], 12, widths[0], 17, widths[1]],
        },
      },
      below,
    );
  line("walk-casing", WALK, colours.walkCasing, [5, 12]);
  line("walk-line", WALK, colours.walk, [3, 7]);
  line("walk-leg", LEG, colours.walkHighlight, [3, 7]);
  map.addLayer(
    {
      id: "walk-direction",
      type: "symbol",
      source: WALK,
      minzoom: 14,
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 70,
        "icon-image": ARROW,
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    },
    below,
  );
}

export function showLine(map: MapLibreMap, source: "walk" | "walk-leg", line: Position[]): void {
  map.getSource<GeoJSONSource>(source)?.setData(feature(line));
}

/** Inks the walk in from its start; returns what stops it. Without motion, it is there at once. */
export function drawWalk(map: MapLibreMap, walk: Route, withMotion: boolean): () => void {
  const line = walk.path.coordinates;
  if (!withMotion || line.length < 2) {
    showLine(map, WALK, line);
    return () => undefined;
  }
  const along = metresAlong(line);
  const begun = performance.now();
  let frame = requestAnimationFrame(function draw(now) {
    const share = Math.min(1, Math.max(0, now - begun) / DRAWING_MILLISECONDS);
    // Slow, quick, slow: like a hand that follows the streets.
    showLine(map, WALK, firstPart(line, along, share * share * (3 - 2 * share)));
    if (share < 1) frame = requestAnimationFrame(draw);
  });
  return () => cancelAnimationFrame(frame);
}

/** Places of the chosen themes wear the accent. Beside a walk that is drawn, all places step back. */
export function markLikedPlaces(
  map: MapLibreMap,
  theme: ThemeName,
  iconKeys: string[],
  isWalkShown: boolean,
): void {
  if (!map.getLayer(PLACES)) return;
  const colours = mapColours(theme);
  map.setPaintProperty(PLACES, "circle-opacity", isWalkShown ? 0.35 : 1);
  map.setPaintProperty(PLACES, "circle-stroke-opacity", isWalkShown ? 0.35 : 1);
  const isLiked: ExpressionSpecification = ["in", ["get", "theme"], ["literal", iconKeys]];
  const liked = (yes: number, no: number): ExpressionSpecification => ["case", isLiked, yes, no];
  map.setPaintProperty(PLACES, "circle-color", ["case", isLiked, colours.poiChosen, colours.poi]);
  const renown: ExpressionSpecification = ["coalesce", ["get", "score"], 0];
  map.setPaintProperty(PLACES, "circle-radius", [
    "interpolate",
    ["linear"],
    ["zoom"],
    13,
    ["+", liked(2.2, 1), ["*", 1.5, renown]],
    17,
    ["+", liked(4, 2.6), ["*", 2.4, renown]],
  ]);
}

function arrowImage(colour: string): ImageData {
  const side = 20;
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const pen = canvas.getContext("2d");
  if (pen === null) return new ImageData(side, side);
  pen.strokeStyle = colour;
  pen.lineWidth = 3;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(7, 4);
  pen.lineTo(13, 10);
  pen.lineTo(7, 16);
  pen.stroke();
  return pen.getImageData(0, 0, side, side);
}
