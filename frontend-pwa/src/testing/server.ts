// A small server in memory: it keeps walkers, requests and routes, and answers in the contract's words.
import type { Progress, Route } from "../api/shapes";

export const ROUTE: Route = {
  id: "11111111-1111-4111-8111-111111111111",
  request_id: "request-1",
  created_at: "2026-05-01T10:00:00.000000Z",
  saved: false,
  generation_params: {},
  region: "edinburgh",
  engine_version: "1",
  attribution: "© OpenStreetMap contributors",
  path: {
    type: "LineString",
    coordinates: [
      [-3.19, 55.95],
      [-3.18, 55.95],
      [-3.19, 55.95],
    ],
  },
  summary: {
    distance_metres: 1250,
    walking_seconds: 960,
    visiting_seconds: 300,
    waiting_seconds: 0,
    total_seconds: 1260,
    stop_count: 1,
    score: 0.7,
    ascent_metres: 12.4,
    overlap_ratio: 0,
  },
  stops: [
    {
      position: 1,
      poi: {
        id: 41,
        osm_type: "node",
        osm_id: 10,
        name: "The Old Tap",
        names: {},
        tags: { amenity: "pub" },
        location: { type: "Point", coordinates: [-3.18, 55.95] },
        themes: ["theme-pubs"],
        popularity_score: 0.4,
      },
      location: { type: "Point", coordinates: [-3.18, 55.95] },
      arrival_offset_seconds: 480,
      visit_seconds: 300,
      score: 0.7,
      why: ["A pub from 1823"],
    },
  ],
  legs: [
    {
      from_position: 0,
      to_position: 1,
      distance_metres: 625,
      walking_seconds: 480,
      path: { type: "LineString", coordinates: [] },
      instructions: [
        {
          text: "Turn left into Rose Street",
          street: "Rose Street",
          distance_metres: 400,
          manoeuvre: "left",
        },
      ],
    },
    {
      from_position: 1,
      to_position: 2,
      distance_metres: 625,
      walking_seconds: 480,
      path: { type: "LineString", coordinates: [] },
      instructions: [],
    },
  ],
  warnings: [],
  truncated: false,
};

export class InMemoryServer {
  /** Every request in order, as "METHOD path". */
  readonly heard: string[] = [];
  readonly bodies: unknown[] = [];
  hasSession = false;
  hasWalkerCookie = false;
  isReachable = true;
  /** Answers to the next status questions; the last one stays. */
  statuses: Progress[] = [];
  firstStatus: Partial<Progress> = { status: "pending", progress: 0 };
  refuseRoutesWith: Response | null = null;

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const method = request.method;
    const path = pathname.replace("/api/v1", "") + search;
    this.heard.push(`${method} ${path}`);
    if (!this.isReachable) throw new TypeError("Failed to fetch");
    const body = await request.text();
    if (body !== "") this.bodies.push(JSON.parse(body));
    return this.answer(method, path);
  };

  private answer(method: string, path: string): Response {
    const walker = { id: "walker", display_name: "Walker", interest_theme_ids: [] };
    if (`${method} ${path}` === "POST /users") return this.withSession(walker, 201);
    if (`${method} ${path}` === "POST /session") {
      return this.hasWalkerCookie ? this.withSession(walker, 200) : unauthorised();
    }
    if (path === "/regions") return json({ data: [REGION] });
    if (path === "/interest-themes") return json({ data: THEMES });
    if (!this.hasSession) return unauthorised();
    if (path === "/users/me") return json(walker);
    if (path === "/routes") return this.refuseRoutesWith ?? this.accepted();
    if (path.startsWith("/routes/status/")) {
      if (method === "DELETE") return json({}, 202);
      const status = this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0];
      return json(status, 200, { "Retry-After": "2" });
    }
    if (path === `/routes/${ROUTE.id}`) return json(ROUTE);
    return json({ code: "not_found", message: "nothing here", trace_id: "t" }, 404);
  }

  private withSession(walker: unknown, status: number): Response {
    this.hasSession = true;
    return json(walker, status);
  }

  private accepted(): Response {
    const status_url = "/api/v1/routes/status/request-1";
    return json({ request_id: "request-1", ...this.firstStatus, status_url }, 202);
  }
}

export const REGION = {
  id: "edinburgh",
  name: "Edinburgh",
  bounds: [-3.25, 55.9, -3.1, 56],
  centre: { type: "Point", coordinates: [-3.19, 55.95] },
  data_timestamp: null,
  attribution: "© OpenStreetMap contributors",
};

export const THEMES = [
  { id: "theme-pubs", name: "Historic pubs", description: "Old rooms, good ale", icon_key: "beer" },
  { id: "theme-art", name: "Street art", description: "Walls that speak", icon_key: "spray-can" },
];

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", "Trace-Id": "trace-1", ...headers },
  });
}

function unauthorised(): Response {
  return json({ code: "unauthorized", message: "no session", trace_id: "trace-1" }, 401);
}
