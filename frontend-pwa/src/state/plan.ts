// What the walker wants: where from, how long, what for. Pure; the form shows it, the request is made of it.
import type { Position, RouteQuestion } from "../api/shapes";

export const SHORTEST_MINUTES = 15;
export const LONGEST_MINUTES = 180;
export const MINUTES_STEP = 5;

export type StartSource = "centre" | "map" | "device" | "place" | "typed";

export interface Start {
  position: Position;
  source: StartSource;
  /** The place's name where the start is a place. */
  name?: string;
}

/** A place the walker has a wish about. */
export interface NamedPlace {
  id: number;
  name: string;
}

export interface Plan {
  start: Start | null;
  minutes: number;
  themeIds: string[];
  /** 0 hidden gems … 1 the famous sights. */
  popularityBias: number;
  avoidStairs: boolean;
  preferWellLit: boolean;
  mustVisit: NamedPlace[];
  leaveOut: NamedPlace[];
}

export const EMPTY_PLAN: Plan = {
  start: null,
  minutes: 60,
  themeIds: [],
  popularityBias: 0.5,
  avoidStairs: false,
  preferWellLit: false,
  mustVisit: [],
  leaveOut: [],
};

export type PlanChange =
  | { change: "start"; start: Start }
  | { change: "minutes"; minutes: number }
  | { change: "theme"; themeId: string }
  | { change: "no themes" }
  | { change: "popularity"; bias: number }
  | { change: "stairs"; avoid: boolean }
  | { change: "light"; prefer: boolean }
  | { change: "must visit"; place: NamedPlace }
  | { change: "leave out"; place: NamedPlace }
  | { change: "no wish"; placeId: number };

export function changePlan(plan: Plan, change: PlanChange): Plan {
  switch (change.change) {
    case "start":
      return { ...plan, start: change.start };
    case "minutes":
      return { ...plan, minutes: clampMinutes(change.minutes) };
    case "theme":
      return { ...plan, themeIds: toggled(plan.themeIds, change.themeId) };
    case "no themes":
      return { ...plan, themeIds: [] };
    case "popularity":
      return { ...plan, popularityBias: Math.min(1, Math.max(0, change.bias)) };
    case "stairs":
      return { ...plan, avoidStairs: change.avoid };
    case "light":
      return { ...plan, preferWellLit: change.prefer };
    case "must visit": {
      const free = withoutWish(plan, change.place.id);
      return { ...free, mustVisit: [...free.mustVisit, change.place] };
    }
    case "leave out": {
      const free = withoutWish(plan, change.place.id);
      return { ...free, leaveOut: [...free.leaveOut, change.place] };
    }
    case "no wish":
      return withoutWish(plan, change.placeId);
  }
}

export function routeQuestion(plan: Plan, start: Start): RouteQuestion {
  return {
    start_location: { type: "Point", coordinates: start.position },
    duration_minutes: plan.minutes,
    interest_theme_ids: plan.themeIds,
    popularity_bias: plan.popularityBias,
    accessibility: { avoid_stairs: plan.avoidStairs, prefer_well_lit: plan.preferWellLit },
    must_visit_poi_ids: plan.mustVisit.map((place) => place.id),
    avoid_poi_ids: plan.leaveOut.map((place) => place.id),
  };
}

export function startText(start: Start | null): string {
  if (start === null) return "Tap the map to choose where you begin";
  switch (start.source) {
    case "centre":
      return "the centre of town";
    case "device":
      return "where you are now";
    case "place":
      return start.name ?? "the place you picked";
    case "typed":
      return coordinatesText(start.position);
    case "map":
      return "your marker on the map";
  }
}

export function coordinatesText([longitude, latitude]: Position): string {
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
}

/** Reads "55.95, -3.19" (latitude first, as maps print it); nothing where it is no such pair. */
export function parseCoordinates(text: string): Position | null {
  const parts = text.trim().split(/\s*[,;\s]\s*/);
  if (parts.length !== 2 || parts.some((part) => part === "")) return null;
  const [latitude, longitude] = parts.map(Number) as [number, number];
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  return [longitude, latitude];
}

function clampMinutes(minutes: number): number {
  const stepped = Math.round(minutes / MINUTES_STEP) * MINUTES_STEP;
  return Math.min(LONGEST_MINUTES, Math.max(SHORTEST_MINUTES, stepped));
}

function toggled(ids: string[], id: string): string[] {
  return ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
}

function withoutWish(plan: Plan, placeId: number): Plan {
  const isOther = (place: NamedPlace) => place.id !== placeId;
  return {
    ...plan,
    mustVisit: plan.mustVisit.filter(isOther),
    leaveOut: plan.leaveOut.filter(isOther),
  };
}
