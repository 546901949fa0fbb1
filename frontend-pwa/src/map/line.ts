// Geometry of a drawn walk: how long it is, its first part, the box around it. Plane enough for a city.
import type { Position } from "../api/shapes";

export type Box = [west: number, south: number, east: number, north: number];

const METRES_PER_DEGREE = 111_195;

/** Metres between two points; equirectangular, within a metre over a city. */
export function metresBetween(from: Position, to: Position): number {
  const middle = ((from[1] + to[1]) / 2) * (Math.PI / 180);
  const eastwards = (to[0] - from[0]) * Math.cos(middle);
  return Math.hypot(eastwards, to[1] - from[1]) * METRES_PER_DEGREE;
}

/** Metres from the beginning to each vertex. */
export function metresAlong(line: Position[]): number[] {
  let metres = 0;
  return line.map((vertex, at) => {
    const before = line[at - 1];
    if (before !== undefined) metres += metresBetween(before, vertex);
    return metres;
  });
}

/** The first `fraction` (0..1) of the line by length, cut between two vertices where need be. */
export function firstPart(line: Position[], along: number[], fraction: number): Position[] {
  const last = line.at(-1);
  if (last === undefined || fraction >= 1) return line;
  const target = (along.at(-1) ?? 0) * Math.max(0, fraction);
  const next = along.findIndex((metres) => metres > target);
  const to = line[next];
  const from = line[next - 1];
  if (to === undefined || from === undefined) return line.slice(0, 1);
  const covered = along[next - 1] ?? 0;
  const share = (target - covered) / ((along[next] ?? covered) - covered);
  const cut: Position = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
  return [...line.slice(0, next), cut];
}

export function boxAround(points: Position[]): Box | null {
  if (points.length === 0) return null;
  const longitudes = points.map((point) => point[0]);
  const latitudes = points.map((point) => point[1]);
  return [
    Math.min(...longitudes),
    Math.min(...latitudes),
    Math.max(...longitudes),
    Math.max(...latitudes),
  ];
}

/** The point `metres` away in the direction of an arrow key; nothing for another key. */
export function nudged(position: Position, key: string, metres: number): Position | null {
  const north = metres / METRES_PER_DEGREE;
  const east = north / Math.cos(position[1] * (Math.PI / 180));
  switch (key) {
    case "ArrowUp":
      return [position[0], position[1] + north];
    case "ArrowDown":
      return [position[0], position[1] - north];
    case "ArrowRight":
      return [position[0] + east, position[1]];
    case "ArrowLeft":
      return [position[0] - east, position[1]];
    default:
      return null;
  }
}
