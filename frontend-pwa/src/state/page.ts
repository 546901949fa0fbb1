// Everything the page shows, as one value, and how each thing that happens changes it. Pure.
import { Problem } from "../api/problem";
import {
  type PastWalk,
  type Place,
  type Progress,
  positionOf,
  type Region,
  type Route,
  type Theme,
} from "../api/shapes";
import { changePlan, EMPTY_PLAN, type Plan, type PlanChange } from "./plan";

export type View = "plan" | "walk" | "past";

/** A walk that is being looked for. */
export interface Search {
  /** Tells this search from one begun before or after it. */
  key: string;
  /** Nothing until the server has accepted the request. */
  requestId: string | null;
  statusUrl: string | null;
  status: Progress["status"];
  /** 0..100, never falling: a job tried again does not look like lost work. */
  progress: number;
}

export interface PastWalks {
  walks: PastWalk[];
  nextLink: string | null;
  isLoading: boolean;
}

export interface PageState {
  isOpen: boolean;
  regions: Region[];
  regionId: string | null;
  themes: Theme[];
  plan: Plan;
  view: View;
  search: Search | null;
  /** The newest news of each request: the socket may be faster than the answer to the POST. */
  news: Record<string, Progress>;
  walk: Route | null;
  /** True for a walk that came by a shared link: nothing in it belongs to this walker. */
  walkIsShared: boolean;
  chosenStop: number | null;
  place: Place | null;
  pastWalks: PastWalks | null;
  socketIsOpen: boolean;
  problem: Problem | null;
}

export const FIRST_PAGE: PageState = {
  isOpen: false,
  regions: [],
  regionId: null,
  themes: [],
  plan: EMPTY_PLAN,
  view: "plan",
  search: null,
  news: {},
  walk: null,
  walkIsShared: false,
  chosenStop: null,
  place: null,
  pastWalks: null,
  socketIsOpen: false,
  problem: null,
};

export type PageEvent =
  | { event: "opened"; regions: Region[]; themes: Theme[]; interestThemeIds: string[] }
  | { event: "region chosen"; regionId: string }
  | { event: "plan changed"; change: PlanChange }
  | { event: "search begun"; key: string }
  | { event: "search accepted"; key: string; progress: Progress; statusUrl: string }
  | { event: "progress"; progress: Progress }
  | { event: "search over"; key: string }
  | { event: "walk found"; walk: Route; isShared?: boolean }
  | { event: "view chosen"; view: View }
  | { event: "stop chosen"; position: number | null }
  | { event: "place found"; place: Place }
  | { event: "place closed" }
  | { event: "past walks asked" }
  | { event: "past walks"; walks: PastWalk[]; nextLink: string | null; isMore: boolean }
  | { event: "socket"; isOpen: boolean }
  | { event: "went wrong"; problem: Problem }
  | { event: "problem read" };

export function nextPage(page: PageState, happened: PageEvent): PageState {
  switch (happened.event) {
    case "opened":
      return opened(page, happened);
    case "region chosen":
      return startAtRegion(page, happened.regionId);
    case "plan changed":
      return { ...page, plan: changePlan(page.plan, happened.change) };
    case "search begun":
      return {
        ...page,
        search: {
          key: happened.key,
          requestId: null,
          statusUrl: null,
          status: "pending",
          progress: 0,
        },
        problem: null,
        place: null,
      };
    case "search accepted":
      return accepted(page, happened);
    case "progress":
      return heard(page, happened.progress);
    case "search over":
      return page.search?.key === happened.key ? { ...page, search: null } : page;
    case "walk found":
      return {
        ...page,
        search: null,
        walk: happened.walk,
        walkIsShared: happened.isShared ?? false,
        view: "walk",
        chosenStop: null,
        place: null,
        problem: null,
        // A new walk belongs at the top of the list: ask again when it is looked at.
        pastWalks: null,
      };
    case "view chosen":
      return { ...page, view: happened.view, chosenStop: null, place: null, problem: null };
    case "stop chosen":
      return { ...page, chosenStop: happened.position };
    case "place found":
      return { ...page, place: happened.place };
    case "place closed":
      return { ...page, place: null };
    case "past walks asked":
      return {
        ...page,
        pastWalks: { ...(page.pastWalks ?? { walks: [], nextLink: null }), isLoading: true },
      };
    case "past walks": {
      const before = happened.isMore ? (page.pastWalks?.walks ?? []) : [];
      return {
        ...page,
        pastWalks: {
          walks: [...before, ...happened.walks],
          nextLink: happened.nextLink,
          isLoading: false,
        },
      };
    }
    case "socket":
      return { ...page, socketIsOpen: happened.isOpen };
    case "went wrong":
      return {
        ...page,
        problem: happened.problem,
        pastWalks: page.pastWalks && { ...page.pastWalks, isLoading: false },
      };
    case "problem read":
      return { ...page, problem: null };
  }
}

export function regionOf(page: PageState): Region | null {
  return page.regions.find((region) => region.id === page.regionId) ?? null;
}

/** True when the request under way has ended, so that nobody need ask again. */
export function searchHasEnded(page: PageState, requestId: string): boolean {
  const news = page.news[requestId];
  return (
    page.search?.requestId !== requestId || news?.status === "complete" || news?.status === "failed"
  );
}

/** Why a failed request failed, as the same kind of problem a refused one has. */
export function problemOf(progress: Progress): Problem {
  const error = progress.error;
  if (typeof error === "string") return new Problem({ code: error, message: error });
  return new Problem({
    code: error?.code ?? "internal_error",
    message: error?.message ?? "the search failed",
  });
}

function opened(page: PageState, happened: Extract<PageEvent, { event: "opened" }>): PageState {
  const known = new Set(happened.themes.map((theme) => theme.id));
  const liked = page.plan.themeIds.length > 0 ? page.plan.themeIds : happened.interestThemeIds;
  const plan = { ...page.plan, themeIds: liked.filter((id) => known.has(id)) };
  const open = { ...page, isOpen: true, regions: happened.regions, themes: happened.themes, plan };
  const first = happened.regions[0];
  return first === undefined || page.regionId !== null ? open : startAtRegion(open, first.id);
}

function startAtRegion(page: PageState, regionId: string): PageState {
  const region = page.regions.find((one) => one.id === regionId);
  if (region === undefined) return page;
  const start = { position: positionOf(region.centre), source: "centre" as const };
  // Wishes name places of the city that is left behind.
  const plan = { ...page.plan, start, mustVisit: [], leaveOut: [] };
  return { ...page, regionId, plan, place: null };
}

function accepted(
  page: PageState,
  { key, progress, statusUrl }: Extract<PageEvent, { event: "search accepted" }>,
): PageState {
  if (page.search?.key !== key) return page;
  const search = { ...page.search, requestId: progress.request_id, statusUrl };
  const newest = page.news[progress.request_id] ?? progress;
  return heard({ ...page, search }, newest);
}

function heard(page: PageState, progress: Progress): PageState {
  const before = page.news[progress.request_id];
  // The last word stands: a late poll must not turn a finished request into one under way.
  if (before?.status === "failed" || (before?.status === "complete" && before.route_id))
    return page;
  const news = { ...page.news, [progress.request_id]: progress };
  if (page.search?.requestId !== progress.request_id) return { ...page, news };
  const search = {
    ...page.search,
    status: progress.status,
    progress: Math.max(page.search.progress, progress.progress ?? 0),
  };
  return { ...page, news, search };
}
