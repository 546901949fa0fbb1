// The client finds its walker, renews a session that ended, and turns every failure into a Problem.
import { describe, expect, it } from "vitest";
import { InMemoryServer, json, ROUTE } from "../testing/server";
import { Client } from "./client";
import { type Problem, UNEXPECTED, UNREACHABLE } from "./problem";

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("was expected to fail");
    },
    (problem: Problem) => problem,
  );

describe("who walks", () => {
  it("asks who we are, then for the old walker, and only then makes a new one", async () => {
    const server = new InMemoryServer();
    await new Client(server.fetch).walker();
    expect(server.heard).toEqual(["GET /users/me", "POST /session", "POST /users"]);
  });

  it("makes a new walker at once where nobody can have walked before", async () => {
    const server = new InMemoryServer();
    await new Client(server.fetch, () => false).walker();
    expect(server.heard).toEqual(["POST /users"]);
  });

  it("takes up the old walker where the walker cookie is still good", async () => {
    const server = new InMemoryServer();
    server.hasWalkerCookie = true;
    await new Client(server.fetch).walker();
    expect(server.heard).toEqual(["GET /users/me", "POST /session"]);
  });

  it("answers two callers at once with one walker", async () => {
    const server = new InMemoryServer();
    const client = new Client(server.fetch, () => false);
    await Promise.all([client.walker(), client.walker()]);
    expect(server.heard).toEqual(["POST /users"]);
  });

  it("renews a session that ended in the middle and repeats the request once", async () => {
    const server = new InMemoryServer();
    server.hasWalkerCookie = true;
    const route = await new Client(server.fetch).route(ROUTE.id);
    expect(route.id).toBe(ROUTE.id);
    expect(server.heard).toEqual([
      `GET /routes/${ROUTE.id}`,
      "GET /users/me",
      "POST /session",
      `GET /routes/${ROUTE.id}`,
    ]);
  });
});

describe("what fails", () => {
  it("reads code, details, trace id and Retry-After of an error answer", async () => {
    const server = new InMemoryServer();
    server.hasSession = true;
    const details = [{ field: "start_location", code: "outside_coverage", message: "far away" }];
    server.refuseRoutesWith = json(
      { code: "invalid_request", message: "no", trace_id: "trace-1", details },
      400,
      { "Retry-After": "7" },
    );
    const question = {
      start_location: { type: "Point", coordinates: [0, 0] },
      duration_minutes: 60,
    };
    const problem = await problemOf(
      new Client(server.fetch).requestRoute(question as never, "key"),
    );
    expect(problem.says("outside_coverage")).toBe(true);
    expect(problem).toMatchObject({
      code: "invalid_request",
      status: 400,
      retryAfterSeconds: 7,
      traceId: "trace-1",
    });
  });

  it("says unreachable when there is no answer", async () => {
    const server = new InMemoryServer();
    server.isReachable = false;
    expect((await problemOf(new Client(server.fetch).regions())).code).toBe(UNREACHABLE);
  });

  it("survives an error answer that is not the agreed shape", async () => {
    const fetcher = async () => new Response("<h1>Bad gateway</h1>", { status: 502 });
    const problem = await problemOf(new Client(fetcher).regions());
    expect(problem).toMatchObject({ code: UNEXPECTED, status: 502 });
  });
});

it("follows a link of the server as it is", async () => {
  const server = new InMemoryServer();
  server.hasSession = true;
  await problemOf(
    new Client(server.fetch).pastWalks("/api/v1/users/me/routes?cursor=abc&limit=20"),
  );
  expect(server.heard).toEqual(["GET /users/me/routes?cursor=abc&limit=20"]);
});
