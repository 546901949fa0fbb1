// Talks HTTP with the server the page came from: one door for all requests, one error for all failures.
import { Problem, readProblem, UNREACHABLE } from "./problem";
import type {
  AcceptedRequest,
  Page,
  PastWalk,
  Place,
  Progress,
  Region,
  Route,
  RouteQuestion,
  Theme,
  Walker,
} from "./shapes";

const ROOT = "/api/v1";

interface Call {
  method?: string;
  body?: unknown;
  accept?: string;
  signal?: AbortSignal | undefined;
  idempotencyKey?: string;
  /** False for the calls that make a session: they must not wait for one. */
  needsWalker?: boolean;
}

export class Client {
  private walkerOnItsWay: Promise<Walker> | null = null;
  private readonly fetcher: typeof fetch;
  private readonly hasWalkedHere: () => boolean;

  /**
   * `hasWalkedHere` is false where this browser surely has no walker yet: then a new one sets out
   * at once, without two requests that can only be refused.
   */
  constructor(fetcher: typeof fetch = (...call) => fetch(...call), hasWalkedHere = () => true) {
    this.fetcher = fetcher;
    this.hasWalkedHere = hasWalkedHere;
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
    return (await this.json<{ data: Region[] }>("/regions")).data;
  }

  async themes(): Promise<Theme[]> {
    return (await this.json<{ data: Theme[] }>("/interest-themes")).data;
  }

  place(id: number, signal?: AbortSignal): Promise<Place> {
    return this.json(`/pois/${id}`, { signal });
  }

  /** Asks for a walk; the key lets a repeated request be answered once. */
  requestRoute(question: RouteQuestion, idempotencyKey: string): Promise<AcceptedRequest> {
    return this.json("/routes", { method: "POST", body: question, idempotencyKey });
  }

  /** How far the request has come, and how many seconds the server asks us to wait before the next look. */
  async progress(
    statusUrl: string,
    signal?: AbortSignal,
  ): Promise<{ progress: Progress; waitSeconds: number | undefined }> {
    const response = await this.send(statusUrl, { signal });
    const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
    return {
      progress: (await response.json()) as Progress,
      waitSeconds: Number.isFinite(wait) ? wait : undefined,
    };
  }

  async cancel(statusUrl: string): Promise<void> {
    await this.send(statusUrl, { method: "DELETE" });
  }

  route(routeId: string): Promise<Route> {
    return this.json(`/routes/${routeId}`);
  }

  /** A walk somebody shared: no session needed. */
  sharedRoute(token: string): Promise<Route> {
    return this.json(`/shared/${encodeURIComponent(token)}`, { needsWalker: false });
  }

  /** The same walk in another form, as a file. */
  async routeFile(routeId: string, mediaType: string): Promise<Blob> {
    return (await this.send(`/routes/${routeId}`, { accept: mediaType })).blob();
  }

  /** The first page of past walks, or the one a page's link leads to. */
  pastWalks(link = "/users/me/routes?limit=20"): Promise<Page<PastWalk>> {
    return this.json(link);
  }

  private async findOrMakeWalker(): Promise<Walker> {
    const old: [string, Call][] = [
      ["/users/me", {}],
      ["/session", { method: "POST" }],
    ];
    for (const [path, call] of this.hasWalkedHere() ? old : []) {
      try {
        return await this.json(path, { ...call, needsWalker: false });
      } catch (error) {
        // Any refusal of the old cookies means the same: this browser needs a new walker.
        if (!(error instanceof Problem) || ![400, 401, 403, 404].includes(error.status))
          throw error;
      }
    }
    return this.json("/users", { method: "POST", body: {}, needsWalker: false });
  }

  private async json<Answer>(path: string, call: Call = {}): Promise<Answer> {
    return (await (await this.send(path, call)).json()) as Answer;
  }

  private async send(path: string, call: Call = {}): Promise<Response> {
    const response = await this.sendOnce(path, call);
    if (response.ok) return response;
    if (response.status !== 401 || call.needsWalker === false) throw await readProblem(response);
    // The session ended while the page lay open: renew it, then say the same once more.
    await this.walker();
    const again = await this.sendOnce(path, call);
    if (!again.ok) throw await readProblem(again);
    return again;
  }

  private async sendOnce(path: string, call: Call): Promise<Response> {
    const headers: Record<string, string> = { Accept: call.accept ?? "application/json" };
    const init: RequestInit = { method: call.method ?? "GET", headers, credentials: "same-origin" };
    if (call.body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(call.body);
    }
    if (call.idempotencyKey !== undefined) headers["Idempotency-Key"] = call.idempotencyKey;
    if (call.signal !== undefined) init.signal = call.signal;
    try {
      return await this.fetcher(addressOf(path), init);
    } catch (error) {
      if (call.signal?.aborted) throw error;
      throw new Problem({ code: UNREACHABLE, message: "no answer" }, { cause: error });
    }
  }
}

/** Links the server gave are followed as they are; our own paths start below the root. */
function addressOf(path: string): string {
  return path.startsWith("http") || path.startsWith(`${ROOT}/`) ? path : ROOT + path;
}
