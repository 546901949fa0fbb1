// Talks HTTP with the server the page came from, in the generated types of its contract.
import { fetcher, type Send } from "./fetcher";
import { Problem, retryAfterSeconds } from "./problem";
import type {
  AcceptedRequest,
  PastWalks,
  Place,
  Region,
  RequestStatus,
  Route,
  RouteQuestion,
  Theme,
  Walker,
} from "./shapes";
import { type Call, typedCalls } from "./typed-call";

/** Links of the server are paths; a request needs the whole address. */
const HERE = globalThis.location?.origin ?? "http://wildside.invalid";

export class Client {
  private walkerOnItsWay: Promise<Walker> | null = null;
  private readonly hasWalkedHere: () => boolean;
  private readonly send: Send;
  /** For what needs a walker, and for the calls that find or make one. */
  private readonly asWalker: Call;
  private readonly asAnybody: Call;

  /**
   * `hasWalkedHere` is false where this browser surely has no walker yet: then a new one sets out
   * at once, without two requests that can only be refused.
   */
  constructor(fetched: typeof fetch = (...call) => fetch(...call), hasWalkedHere = () => true) {
    this.hasWalkedHere = hasWalkedHere;
    this.send = fetcher(fetched, () => this.walker());
    this.asWalker = typedCalls(HERE, this.send);
    this.asAnybody = typedCalls(HERE, fetcher(fetched));
  }

  /**
   * The walker this browser belongs to. A session that ended is renewed by the walker cookie;
   * without one, a new anonymous walker sets out. Two callers at once share one answer.
   */
  walker(): Promise<Walker> {
    this.walkerOnItsWay ??= this.findOrMakeWalker().finally(() => {
      this.walkerOnItsWay = null;
    });
    return this.walkerOnItsWay;
  }

  async regions(): Promise<Region[]> {
    return (await this.asWalker("get", "/api/v1/regions", {})).data;
  }

  async themes(): Promise<Theme[]> {
    return (await this.asWalker("get", "/api/v1/interest-themes", {})).data;
  }

  place(id: number, signal?: AbortSignal): Promise<Place> {
    return this.asWalker("get", "/api/v1/pois/{poi_id}", { path: { poi_id: id }, signal });
  }

  /** Asks for a walk; the key lets a repeated request be answered once. */
  requestRoute(question: RouteQuestion, idempotencyKey: string): Promise<AcceptedRequest> {
    const header = { "Idempotency-Key": idempotencyKey };
    return this.asWalker("post", "/api/v1/routes", { header, body: question });
  }

  /** How far the request has come, and how many seconds the server asks us to wait before the next look. */
  async progress(
    statusUrl: string,
    signal?: AbortSignal,
  ): Promise<{ progress: RequestStatus; waitSeconds: number | undefined }> {
    const response = await this.follow(statusUrl, signal === undefined ? {} : { signal });
    const progress: RequestStatus = await response.json();
    return { progress, waitSeconds: retryAfterSeconds(response.headers) };
  }

  async cancel(statusUrl: string): Promise<void> {
    await this.follow(statusUrl, { method: "DELETE" });
  }

  route(routeId: string): Promise<Route> {
    return this.asWalker("get", "/api/v1/routes/{route_id}", { path: { route_id: routeId } });
  }

  /** A walk somebody shared: no session needed. */
  async sharedRoute(token: string): Promise<Route> {
    return (await this.follow(`/api/v1/shared/${encodeURIComponent(token)}`)).json();
  }

  /** The same walk in another form, as a file. */
  async routeFile(routeId: string, mediaType: string): Promise<Blob> {
    const path = `/api/v1/routes/${encodeURIComponent(routeId)}`;
    return (await this.follow(path, { headers: { Accept: mediaType } })).blob();
  }

  /** The first page of past walks, or the one a page's link leads to. */
  async pastWalks(link?: string): Promise<PastWalks> {
    if (link !== undefined) return (await this.follow(link)).json();
    return this.asWalker("get", "/api/v1/users/me/routes", { query: { limit: 20 } });
  }

  private async findOrMakeWalker(): Promise<Walker> {
    const old = [
      () => this.asAnybody("get", "/api/v1/users/me", {}),
      () => this.asAnybody("post", "/api/v1/session", {}),
    ];
    for (const find of this.hasWalkedHere() ? old : []) {
      try {
        return await find();
      } catch (error) {
        // Any refusal of the old cookies means the same: this browser needs a new walker.
        if (!(error instanceof Problem) || ![400, 401, 403, 404].includes(error.status))
          throw error;
      }
    }
    return this.asAnybody("post", "/api/v1/users", { body: {} });
  }

  /** Follows a link of the server as it is. */
  private follow(link: string, init: RequestInit = {}): Promise<Response> {
    return this.send(new Request(new URL(link, HERE), init));
  }
}
