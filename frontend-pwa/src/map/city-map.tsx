// The map that fills the screen: one MapLibre map, kept in step with what the page shows.
import "maplibre-gl/dist/maplibre-gl.css";
import {
  AttributionControl,
  Map as MapLibreMap,
  Marker,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { useEffect, useRef, useState } from "react";
import { type Position, positionOf, type Region, type Route } from "../api/shapes";
import type { Start } from "../state/plan";
import type { ThemeName } from "./colours";
import { type Box, boxAround } from "./line";
import { startMarker, stopMarker } from "./markers";
import { addWalkLayers, drawWalk, markLikedPlaces, showLine } from "./overlay";

setWorkerUrl(workerUrl);

/** Pixels of the map that are covered by the panel. */
export interface Covered {
  left: number;
  bottom: number;
}

export interface CityMapProps {
  theme: ThemeName;
  region: Region;
  start: Start | null;
  walk: Route | null;
  chosenStop: number | null;
  likedIconKeys: string[];
  covered: Covered;
  withMotion: boolean;
  onStartMoved: (position: Position) => void;
  onGroundChosen: (position: Position) => void;
  onPlaceChosen: (placeId: number) => void;
  onStopChosen: (position: number) => void;
  onFailed: () => void;
}

const styleAddress = (theme: ThemeName) => `/tiles/style/${theme}.json`;
/** A finger is wider than a dot. */
const TOUCH_PIXELS = 8;
const MARGIN_PIXELS = 56;

export function CityMap(props: CityMapProps) {
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibreMap | null>(null);
  /** Counts loaded styles: whatever is drawn over the map is drawn again after each. */
  const [styleCount, setStyleCount] = useState(0);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const made = makeMap(container.current, latest.current);
    if (made === null) {
      latest.current.onFailed();
      return;
    }
    made.on("style.load", () => {
      addWalkLayers(made, latest.current.theme);
      setStyleCount((count) => count + 1);
    });
    made.on("click", (event) => {
      const place = placeAt(made, event.point);
      if (place !== null) latest.current.onPlaceChosen(place);
      else latest.current.onGroundChosen([event.lngLat.lng, event.lngLat.lat]);
    });
    made.on("mousemove", (event) => {
      made.getCanvas().style.cursor = placeAt(made, event.point) === null ? "" : "pointer";
    });
    setMap(made);
    return () => made.remove();
  }, []);

  const { theme, region, start, walk, chosenStop, likedIconKeys, covered, withMotion } = props;

  const shownTheme = useRef(theme);
  useEffect(() => {
    if (map === null || shownTheme.current === theme) return;
    shownTheme.current = theme;
    map.setStyle(styleAddress(theme), { diff: false });
  }, [map, theme]);

  const shownRegion = useRef(region.id);
  useEffect(() => {
    if (map === null || shownRegion.current === region.id) return;
    shownRegion.current = region.id;
    map.setMaxBounds(null);
    map.jumpTo({ center: positionOf(region.centre), zoom: 14 });
    map.setMaxBounds(roomy(region.bounds));
  }, [map, region]);

  const isPlanning = walk === null;
  useStartMarker(map, isPlanning ? start : null, (position) =>
    latest.current.onStartMoved(position),
  );
  useStopMarkers(map, walk, chosenStop, (position) => latest.current.onStopChosen(position));

  useEffect(() => {
    if (map !== null && styleCount > 0) markLikedPlaces(map, theme, likedIconKeys, !isPlanning);
  }, [map, styleCount, theme, likedIconKeys, isPlanning]);

  // A new style must not draw the walk by hand once more.
  const drawnWalk = useRef<string | null>(null);
  useEffect(() => {
    if (map === null || styleCount === 0) return;
    if (walk === null) {
      drawnWalk.current = null;
      showLine(map, "walk", []);
      return;
    }
    const isNew = drawnWalk.current !== walk.id;
    drawnWalk.current = walk.id;
    return drawWalk(map, walk, withMotion && isNew);
  }, [map, styleCount, walk, withMotion]);

  // The padding is only read when a walk appears: a moved panel must not move the map.
  const padding = useRef(covered);
  padding.current = covered;
  useEffect(() => {
    if (map === null || walk === null) return;
    const points = [
      ...walk.path.coordinates,
      ...walk.stops.map((stop) => stop.location.coordinates),
    ];
    const box = boxAround(points);
    if (box === null) return;
    const around = {
      top: MARGIN_PIXELS,
      right: MARGIN_PIXELS,
      left: MARGIN_PIXELS + padding.current.left,
      bottom: MARGIN_PIXELS + padding.current.bottom,
    };
    map.fitBounds(box, { padding: around, maxZoom: 16.5, duration: withMotion ? 1200 : 0 });
  }, [map, walk, withMotion]);

  useEffect(() => {
    if (map === null || styleCount === 0) return;
    const leg = walk?.legs.find((one) => one.to_position === chosenStop);
    showLine(map, "walk-leg", chosenStop === null ? [] : (leg?.path.coordinates ?? []));
    const stop = walk?.stops.find((one) => one.position === chosenStop);
    if (stop === undefined) return;
    const { left, bottom } = padding.current;
    const centre = {
      center: stop.location.coordinates,
      offset: [left / 2, -bottom / 2] as [number, number],
    };
    const zoom = Math.max(map.getZoom(), 16);
    if (withMotion) map.flyTo({ ...centre, zoom, speed: 0.9 });
    else map.easeTo({ ...centre, zoom, duration: 0 });
  }, [map, styleCount, walk, chosenStop, withMotion]);

  const startLongitude = start?.position[0];
  const startLatitude = start?.position[1];
  const startSource = start?.source;
  // A start found by other means than the map may lie out of sight.
  useEffect(() => {
    if (map === null || startLongitude === undefined || startLatitude === undefined) return;
    if (startSource === "map" || startSource === "centre") return;
    map.easeTo({
      center: [startLongitude, startLatitude],
      zoom: Math.max(map.getZoom(), 15),
      offset: [padding.current.left / 2, -padding.current.bottom / 2],
      duration: withMotion ? 800 : 0,
    });
  }, [map, startLongitude, startLatitude, startSource, withMotion]);

  return <div ref={container} className="size-full" />;
}

function makeMap(container: HTMLDivElement | null, props: CityMapProps): MapLibreMap | null {
  if (container === null) return null;
  try {
    const map = new MapLibreMap({
      container,
      style: styleAddress(props.theme),
      center: positionOf(props.region.centre),
      zoom: 14.2,
      minZoom: 8,
      maxZoom: 19,
      maxBounds: roomy(props.region.bounds),
      maxPitch: 0,
      dragRotate: false,
      pitchWithRotate: false,
      attributionControl: false,
      // Workers resolve relative addresses against themselves, not against the page.
      transformRequest: (url) => ({ url: new URL(url, location.href).href }),
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-right");
    map.addControl(
      new AttributionControl({
        compact: false,
        customAttribution: props.region.attribution || "© OpenStreetMap contributors",
      }),
      "bottom-right",
    );
    map
      .getCanvas()
      .setAttribute("aria-label", "Map of the city. Arrow keys move it, plus and minus zoom.");
    const { left, bottom } = props.covered;
    map.jumpTo({ center: positionOf(props.region.centre) });
    map.panBy([-left / 2, bottom / 2], { duration: 0 });
    return map;
  } catch {
    return null;
  }
}

/** Room around the region, so that its edge can be seen from inside. */
function roomy([west, south, east, north]: Box): Box {
  const wider = Math.max(0.03, (east - west) * 0.6);
  const higher = Math.max(0.02, (north - south) * 0.6);
  return [west - wider, south - higher, east + wider, north + higher];
}

function placeAt(map: MapLibreMap, point: { x: number; y: number }): number | null {
  if (!map.getLayer("poi-dot")) return null;
  const found = map.queryRenderedFeatures(
    [
      [point.x - TOUCH_PIXELS, point.y - TOUCH_PIXELS],
      [point.x + TOUCH_PIXELS, point.y + TOUCH_PIXELS],
    ],
    { layers: ["poi-dot", "poi-name"].filter((layer) => map.getLayer(layer)) },
  );
  const id = Number(found[0]?.properties.id ?? found[0]?.id);
  return Number.isFinite(id) ? id : null;
}

function useStartMarker(
  map: MapLibreMap | null,
  start: Start | null,
  onMoved: (position: Position) => void,
): void {
  const marker = useRef<Marker | null>(null);
  const moved = useRef(onMoved);
  moved.current = onMoved;
  const isShown = start !== null;
  useEffect(() => {
    if (map === null || !isShown) return;
    marker.current = startMarker(map, (position) => moved.current(position));
    return () => {
      marker.current?.remove();
      marker.current = null;
    };
  }, [map, isShown]);
  useEffect(() => {
    if (map !== null && start !== null) marker.current?.setLngLat(start.position);
  }, [map, start]);
}

function useStopMarkers(
  map: MapLibreMap | null,
  walk: Route | null,
  chosenStop: number | null,
  onChosen: (position: number) => void,
): void {
  const markers = useRef(new Map<number, Marker>());
  const chosen = useRef(onChosen);
  chosen.current = onChosen;
  useEffect(() => {
    if (map === null || walk === null) return;
    const made = new Map(
      walk.stops.map((stop) => [
        stop.position,
        stopMarker(map, stop, () => chosen.current(stop.position)),
      ]),
    );
    const first = walk.path.coordinates[0];
    const home = first === undefined ? null : homeMarker(map, first);
    markers.current = made;
    return () => {
      for (const marker of made.values()) marker.remove();
      home?.remove();
      markers.current = new Map();
    };
  }, [map, walk]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new markers of a new walk must be told too
  useEffect(() => {
    for (const [position, marker] of markers.current) {
      marker.getElement().toggleAttribute("data-chosen", position === chosenStop);
    }
  }, [chosenStop, walk]);
}

/** Where the walk begins and ends; the list says the same, so it is hidden from screen readers. */
function homeMarker(map: MapLibreMap, position: Position): Marker {
  const element = document.createElement("div");
  element.className = "home-marker";
  element.setAttribute("aria-hidden", "true");
  return new Marker({ element }).setLngLat(position).addTo(map);
}
