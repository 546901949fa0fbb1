// What the server says, by the names the page uses: the generated types of the contract, and the socket's word.
import type { components } from "./generated";

type Schemas = components["schemas"];

export type Point = Schemas["PointShape"];
export type Position = Point["coordinates"];
export type LineString = Schemas["LineShape"];
export type Walker = Schemas["UserShape"];
export type Region = Schemas["RegionShape"];
export type Theme = Schemas["ThemeShape"];
export type Place = Schemas["PlaceShape"];
export type Stop = Schemas["StopShape"];
export type Instruction = Schemas["InstructionShape"];
export type Leg = Schemas["LegShape"];
export type RouteSummary = Schemas["SummaryShape"];
export type RouteQuestion = Schemas["WishShape"];
export type Route = Schemas["RouteShape"];
/** One line of the list of past walks. */
export type PastWalk = Schemas["RouteSummaryShape"];
export type PastWalks = Schemas["PageShape_RouteSummaryShape_"];
export type AcceptedRequest = Schemas["AcceptedShape"];
export type RequestStatus = Schemas["StatusShape"];
export type GenerationStatus = RequestStatus["status"];

/** How far a request has come: told by the socket, the status address and the answer to the POST alike. */
export interface Progress {
  request_id: string;
  status: GenerationStatus;
  progress?: number | null;
  route_id?: string | null;
  error?: string | { code: string; message?: string } | null;
}

export function positionOf(place: Point | Position): Position {
  return Array.isArray(place) ? place : place.coordinates;
}
