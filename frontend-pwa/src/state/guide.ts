// Acts for the walker: opens the page, has a walk found, fetches and saves. Decisions are left to page.ts.
import type { Client } from "../api/client";
import { asProblem } from "../api/problem";
import { randomId } from "../api/random-id";
import type { Progress, Route, RouteQuestion } from "../api/shapes";
import { pollUntilOver } from "../progress/poll";
import { nextPage, type PageEvent, type PageState, problemOf, searchHasEnded } from "./page";
import { type PlanChange, routeQuestion } from "./plan";
import { type Memory, rememberPlan, rememberVisit } from "./plan-memory";
import { Store } from "./store";

/** The socket as the guide knows it. */
export interface News {
  start(): void;
  stop(): void;
}

export interface NewsParts {
  onProgress: (progress: Progress) => void;
  onConnection: (isOpen: boolean) => void;
  beforeRetry: () => Promise<unknown>;
}

export interface GuideParts {
  client: Client;
  makeNews: (parts: NewsParts) => News;
  sleep: (seconds: number) => Promise<void>;
  memory: Memory;
  /** Puts the walk's address into the browser's bar, or takes it away. */
  showAddress: (routeId: string | null) => void;
  saveFile: (file: Blob, name: string) => void;
}

export type FileForm = "gpx" | "geojson";
const MEDIA_TYPES: Record<FileForm, string> = {
  gpx: "application/gpx+xml",
  geojson: "application/geo+json",
};

/** How the page was reached: a walk of one's own, one that was shared, or nothing in particular. */
export interface Arrival {
  routeId?: string | undefined;
  shareToken?: string | undefined;
}

export class Guide {
  readonly store: Store<PageState, PageEvent>;
  private readonly parts: GuideParts;
  private readonly news: News;

  constructor(parts: GuideParts, first: PageState) {
    this.parts = parts;
    this.store = new Store(first, nextPage);
    this.news = parts.makeNews({
      onProgress: (progress) => this.store.tell({ event: "progress", progress }),
      onConnection: (isOpen) => this.store.tell({ event: "socket", isOpen }),
      beforeRetry: () => parts.client.walker(),
    });
  }

  async open(arrival: Arrival): Promise<void> {
    await this.orTellWhy(async () => {
      const [walker, regions, themes] = await Promise.all([
        this.parts.client.walker(),
        this.parts.client.regions(),
        this.parts.client.themes(),
      ]);
      rememberVisit(this.parts.memory);
      const interestThemeIds = walker.interest_theme_ids ?? [];
      this.store.tell({ event: "opened", regions, themes, interestThemeIds });
      this.news.start();
      if (arrival.shareToken !== undefined) await this.openSharedWalk(arrival.shareToken);
      else if (arrival.routeId !== undefined) await this.openWalk(arrival.routeId);
    });
  }

  close(): void {
    this.news.stop();
  }

  change(change: PlanChange): void {
    this.store.tell({ event: "plan changed", change });
    rememberPlan(this.parts.memory, this.store.now().plan);
  }

  tell(event: PageEvent): void {
    this.store.tell(event);
    if (event.event === "view chosen" && event.view !== "walk") this.parts.showAddress(null);
  }

  /** Has a walk found for the plan as it stands; ends with the walk shown or with the reason why not. */
  async findWalk(): Promise<void> {
    const { plan, search } = this.store.now();
    if (plan.start === null || search !== null) return;
    const question = routeQuestion(plan, plan.start);
    const key = randomId();
    this.store.tell({ event: "search begun", key });
    await this.orTellWhy(() => this.searchFor(question, key));
    this.store.tell({ event: "search over", key });
  }

  async stopSearch(): Promise<void> {
    const search = this.store.now().search;
    if (search === null) return;
    this.store.tell({ event: "search over", key: search.key });
    if (search.statusUrl !== null) await this.callOff(search.statusUrl);
  }

  async openWalk(routeId: string): Promise<void> {
    await this.orTellWhy(async () => this.showWalk(await this.parts.client.route(routeId)));
  }

  async openPastWalks(): Promise<void> {
    this.tell({ event: "view chosen", view: "past" });
    if (this.store.now().pastWalks === null) await this.loadPastWalks();
  }

  /** The first page of past walks, or with `nextLink` the one after those shown. */
  async loadPastWalks(nextLink?: string): Promise<void> {
    this.store.tell({ event: "past walks asked" });
    await this.orTellWhy(async () => {
      const page = await this.parts.client.pastWalks(nextLink);
      this.store.tell({
        event: "past walks",
        walks: page.data,
        nextLink: page.links.next ?? null,
        isMore: nextLink !== undefined,
      });
    });
  }

  async inspectPlace(placeId: number): Promise<void> {
    await this.orTellWhy(async () => {
      this.store.tell({ event: "place found", place: await this.parts.client.place(placeId) });
    });
  }

  async saveWalk(form: FileForm): Promise<void> {
    const walk = this.store.now().walk;
    if (walk === null) return;
    await this.orTellWhy(async () => {
      const file = await this.parts.client.routeFile(walk.id, MEDIA_TYPES[form]);
      this.parts.saveFile(file, `wildside-${walk.created_at.slice(0, 10)}.${form}`);
    });
  }

  private async searchFor(question: RouteQuestion, key: string): Promise<void> {
    const { client } = this.parts;
    const answer = await client.requestRoute(question, key);
    const { request_id: requestId, status_url: statusUrl } = answer;
    this.store.tell({ event: "search accepted", key, progress: answer, statusUrl });
    // Given up while the request was on its way: only now is there something to call off.
    if (this.store.now().search?.key !== key) return this.callOff(statusUrl);
    const last = await this.lastWordOn(requestId, statusUrl);
    if (last === null) return;
    if (last.status === "failed" || !last.route_id) throw problemOf(last);
    const walk = await client.route(last.route_id);
    if (this.store.now().search?.key === key) this.showWalk(walk);
  }

  /** Whether or not the server still hears it, the walker has moved on. */
  private async callOff(statusUrl: string): Promise<void> {
    await this.parts.client.cancel(statusUrl).catch(() => undefined);
  }

  private async openSharedWalk(token: string): Promise<void> {
    const walk = await this.parts.client.sharedRoute(token);
    this.store.tell({ event: "walk found", walk, isShared: true });
  }

  private showWalk(walk: Route): void {
    this.store.tell({ event: "walk found", walk });
    this.parts.showAddress(walk.id);
  }

  /** Complete with its route, or failed; nothing where the walker gave the search up. */
  private async lastWordOn(requestId: string, statusUrl: string): Promise<Progress | null> {
    const isOver = () => searchHasEnded(this.store.now(), requestId);
    const known = this.store.now().news[requestId];
    // Answered from the cache: the status says so at once, but only the address names the route.
    if (known?.status === "complete" && !known.route_id) {
      return (await this.parts.client.progress(statusUrl)).progress;
    }
    const polled = pollUntilOver({
      look: () => this.parts.client.progress(statusUrl),
      sleep: this.parts.sleep,
      socketIsOpen: () => this.store.now().socketIsOpen,
      isOver,
      onProgress: (progress) => this.store.tell({ event: "progress", progress }),
    });
    await Promise.race([polled, this.store.until((page) => searchHasEnded(page, requestId))]);
    // The loser of the race ends by itself at its next look; its failure is nobody's news any more.
    polled.catch(() => undefined);
    const wasGivenUp = this.store.now().search?.requestId !== requestId;
    return wasGivenUp ? null : (this.store.now().news[requestId] ?? null);
  }

  private async orTellWhy(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const problem = asProblem(error);
      this.store.tell({ event: "went wrong", problem });
    }
  }
}
