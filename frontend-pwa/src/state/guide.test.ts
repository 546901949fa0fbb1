// Whole stories of a walker, from the opened page to the walk or to the sentence that says why not.
import { describe, expect, it } from "vitest";
import { Client } from "../api/client";
import type { Progress } from "../api/shapes";
import { InMemoryServer, json, ROUTE } from "../testing/server";
import { Guide, type NewsParts } from "./guide";
import { FIRST_PAGE } from "./page";

/** Lets every answered promise be acted upon. */
const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
};

async function opened(arrival = {}) {
  const server = new InMemoryServer();
  const sleepers: (() => void)[] = [];
  const addresses: (string | null)[] = [];
  const files: string[] = [];
  let news: NewsParts | null = null;
  const guide = new Guide(
    {
      client: new Client(server.fetch, () => false),
      makeNews: (parts) => {
        news = parts;
        return { start: () => parts.onConnection(true), stop: () => undefined };
      },
      sleep: () => new Promise((resolve) => sleepers.push(resolve)),
      memory: null,
      showAddress: (routeId) => addresses.push(routeId),
      saveFile: (_, name) => files.push(name),
    },
    FIRST_PAGE,
  );
  await guide.open(arrival);
  return {
    server,
    guide,
    addresses,
    files,
    page: () => guide.store.now(),
    hear: (progress: Progress) => news?.onProgress(progress),
    loseSocket: () => news?.onConnection(false),
    passTime: async () => {
      for (const wake of sleepers.splice(0)) wake();
      await settle();
    },
  };
}

const status = (rest: Partial<Progress>): Progress => ({
  request_id: "request-1",
  status: "in_progress",
  progress: 0,
  ...rest,
});
const COMPLETE = status({ status: "complete", progress: 100, route_id: ROUTE.id });

describe("opening the page", () => {
  it("shows the first city with the start in its centre", async () => {
    const { page } = await opened();
    expect(page()).toMatchObject({ isOpen: true, regionId: "edinburgh", problem: null });
    expect(page().plan.start).toEqual({ position: [-3.19, 55.95], source: "centre" });
  });

  it("opens the walk its address names", async () => {
    const { page } = await opened({ routeId: ROUTE.id });
    expect(page()).toMatchObject({ view: "walk", walk: { id: ROUTE.id } });
  });

  it("says so when the address names a walk that is gone, and can still plan", async () => {
    const { page } = await opened({ routeId: "gone" });
    expect(page()).toMatchObject({ isOpen: true, view: "plan", problem: { code: "not_found" } });
  });
});

describe("finding a walk", () => {
  it("follows the socket to the walk and puts its address in the bar", async () => {
    const { guide, page, hear, addresses } = await opened();
    const search = guide.findWalk();
    await settle();
    hear(status({ progress: 40 }));
    expect(page().search).toMatchObject({ status: "in_progress", progress: 40 });
    hear(COMPLETE);
    await search;
    expect(page()).toMatchObject({ view: "walk", search: null, walk: { id: ROUTE.id } });
    expect(addresses).toEqual([ROUTE.id]);
  });

  it("is not confused by a socket faster than the answer to the POST", async () => {
    const { guide, page, hear } = await opened();
    const search = guide.findWalk();
    hear(COMPLETE);
    await search;
    expect(page().walk?.id).toBe(ROUTE.id);
  });

  it("finds the route of an answer that came from the cache", async () => {
    const { guide, page, server } = await opened();
    server.firstStatus = { status: "complete", progress: 100 };
    server.statuses = [COMPLETE];
    await guide.findWalk();
    expect(page().walk?.id).toBe(ROUTE.id);
  });

  it("polls its way to the walk when there is no socket", async () => {
    const { guide, page, server, loseSocket, passTime } = await opened();
    loseSocket();
    server.statuses = [status({ progress: 10 }), COMPLETE];
    const search = guide.findWalk();
    await settle();
    for (let second = 0; second < 5; second += 1) await passTime();
    await search;
    expect(page().walk?.id).toBe(ROUTE.id);
  });

  it("never shows less progress than before", async () => {
    const { guide, page, hear } = await opened();
    void guide.findWalk();
    await settle();
    hear(status({ progress: 70 }));
    hear(status({ progress: 5 }));
    expect(page().search?.progress).toBe(70);
  });

  it("tells why a request failed and lets the walker try again", async () => {
    const { guide, page, hear } = await opened();
    const search = guide.findWalk();
    await settle();
    hear(status({ status: "failed", error: "outside_coverage" }));
    await search;
    expect(page()).toMatchObject({ search: null, problem: { code: "outside_coverage" } });
  });

  it("tells why a request was refused", async () => {
    const { guide, page, server } = await opened();
    server.refuseRoutesWith = json({ code: "rate_limited", message: "" }, 429, {
      "Retry-After": "3",
    });
    await guide.findWalk();
    expect(page()).toMatchObject({ search: null, problem: { retryAfterSeconds: 3 } });
  });

  it("stops when asked, tells the server, and does not show a walk that comes later", async () => {
    const { guide, page, server, hear } = await opened();
    const search = guide.findWalk();
    await settle();
    await guide.stopSearch();
    hear(COMPLETE);
    await search;
    expect(server.heard).toContain("DELETE /routes/status/request-1");
    expect(page()).toMatchObject({ search: null, walk: null, view: "plan", problem: null });
  });

  it("calls off a request that was given up before the server had answered", async () => {
    const { guide, page, server } = await opened();
    const search = guide.findWalk();
    await guide.stopSearch();
    await search;
    expect(server.heard.at(-1)).toBe("DELETE /routes/status/request-1");
    expect(page().walk).toBeNull();
  });

  it("asks only once however often the button is pressed", async () => {
    const { guide, server } = await opened();
    void guide.findWalk();
    void guide.findWalk();
    await settle();
    expect(server.heard.filter((request) => request === "POST /routes")).toHaveLength(1);
  });
});

it("keeps a search alive when something else goes wrong meanwhile", async () => {
  const { guide, page } = await opened();
  void guide.findWalk();
  await settle();
  await guide.inspectPlace(404);
  expect(page()).toMatchObject({
    problem: { code: "not_found" },
    search: { requestId: "request-1" },
  });
});

it("saves a walk under the day it was made", async () => {
  const { guide, files } = await opened({ routeId: ROUTE.id });
  await guide.saveWalk("gpx");
  expect(files).toEqual(["wildside-2026-05-01.gpx"]);
});
