// The things that stand on the map: where the walk begins, and its numbered stops. Plain elements, real buttons.
import { type Map as MapLibreMap, Marker } from "maplibre-gl";
import type { Position, Stop } from "../api/shapes";
import { nudged } from "./line";

/** An arrow key moves the start about across a street; with Shift, a block. */
const NUDGE_METRES = 15;
const LONG_NUDGE_METRES = 100;

export function startMarker(map: MapLibreMap, onMoved: (position: Position) => void): Marker {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "start-marker";
  element.setAttribute("aria-label", "Start of the walk. Drag it, or move it with the arrow keys.");
  const marker = new Marker({ element, draggable: true, anchor: "bottom" });
  marker.on("dragend", () => {
    const { lng, lat } = marker.getLngLat();
    onMoved([lng, lat]);
  });
  element.addEventListener("keydown", (event) => {
    const { lng, lat } = marker.getLngLat();
    const metres = event.shiftKey ? LONG_NUDGE_METRES : NUDGE_METRES;
    const position = nudged([lng, lat], event.key, metres);
    if (position === null) return;
    // The map would pan with the same keys.
    event.preventDefault();
    event.stopPropagation();
    onMoved(position);
  });
  element.addEventListener("click", (event) => event.stopPropagation());
  return marker.setLngLat([0, 0]).addTo(map);
}

export function stopMarker(map: MapLibreMap, stop: Stop, onChosen: () => void): Marker {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "stop-marker";
  element.style.setProperty("--stop-order", String(stop.position));
  element.setAttribute("aria-label", `Stop ${stop.position}: ${stop.poi.name}`);
  const face = document.createElement("span");
  face.textContent = String(stop.position);
  element.append(face);
  element.addEventListener("click", (event) => {
    event.stopPropagation();
    onChosen();
  });
  return new Marker({ element }).setLngLat(stop.location.coordinates).addTo(map);
}
