// What the server says, as types: the JSON of the wire contract, named as it is there.

export type Position = [longitude: number, latitude: number];

export interface Point {
  type: "Point";
  coordinates: Position;
}

export interface LineString {
  type: "LineString";
  coordinates: Position[];
}

export interface Walker {
  id: string;
  username?: string | null;
  display_name: string;
  interest_theme_ids: string[];
}

export interface Region {
  id: string;
  name: string;
  /** West, south, east, north in degrees. */
  bounds: [number, number, number, number];
  centre: Point | Position;
  data_timestamp: string | null;
  attribution: string;
}

export interface Theme {
  id: string;
  name: string;
  description: string;
  icon_key: string;
}

export interface Place {
  id: number;
  name: string;
  location: Point;
  themes: string[];
  popularity_score: number;
  narrative?: string | null;
  opening_hours?: string | null;
  tags?: Record<string, string>;
}

export interface Stop {
  position: number;
  poi: Place;
  location: Point;
  arrival_offset_seconds: number;
  visit_seconds: number;
  score: number;
  why: string[];
}

export interface Instruction {
  text: string;
  street?: string | null;
  distance_metres: number;
  manoeuvre: string;
}

export interface Leg {
  from_position: number;
  to_position: number;
  distance_metres: number;
  walking_seconds: number;
  path: LineString;
  instructions: Instruction[];
}

export interface RouteSummary {
  distance_metres: number;
  walking_seconds: number;
  visiting_seconds: number;
  waiting_seconds: number;
  total_seconds: number;
  stop_count: number;
  score: number;
  ascent_metres?: number | null;
  overlap_ratio: number;
}

export interface RouteQuestion {
  start_location: Point;
  duration_minutes: number;
  interest_theme_ids?: string[] | null;
  popularity_bias?: number;
  accessibility?: { avoid_stairs: boolean; prefer_well_lit: boolean };
  must_visit_poi_ids?: number[];
  avoid_poi_ids?: number[];
}

export interface Route {
  id: string;
  request_id?: string;
  created_at: string;
  generation_params?: RouteQuestion;
  path: LineString;
  summary: RouteSummary;
  stops: Stop[];
  legs: Leg[];
  warnings: string[];
  truncated: boolean;
}

/** One line of the list of past walks. */
export interface PastWalk {
  id: string;
  created_at: string;
  saved?: boolean;
  summary: RouteSummary;
  stop_names?: string[];
}

export interface Page<Item> {
  data: Item[];
  limit: number;
  links: { self: string; next?: string | null; prev?: string | null };
}

export type GenerationStatus = "pending" | "in_progress" | "complete" | "failed";

/** How far a request has come: told by the socket, the status address and the answer to the POST alike. */
export interface Progress {
  request_id: string;
  status: GenerationStatus;
  progress?: number | null;
  route_id?: string | null;
  error?: string | { code: string; message?: string } | null;
}

export interface AcceptedRequest extends Progress {
  status_url: string;
}

export function positionOf(place: Point | Position): Position {
  return Array.isArray(place) ? place : place.coordinates;
}
