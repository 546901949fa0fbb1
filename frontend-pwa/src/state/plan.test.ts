// The plan keeps within what the server accepts, and says it in the server's words.
import { describe, expect, it } from "vitest";
import { changePlan, EMPTY_PLAN, type Plan, parseCoordinates, routeQuestion } from "./plan";
import { hasWalkedHere, type Memory, recallPlan, rememberPlan, rememberVisit } from "./plan-memory";

class InMemoryStorage implements NonNullable<Memory> {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

const place = { id: 7, name: "The Old Tap" };

describe("changing the plan", () => {
  it.each([
    [3, 15],
    [62, 60],
    [63, 65],
    [500, 180],
  ])("takes %i minutes as %i", (asked, taken) => {
    expect(changePlan(EMPTY_PLAN, { change: "minutes", minutes: asked }).minutes).toBe(taken);
  });

  it("adds a theme with the first tap and takes it away with the second", () => {
    const once = changePlan(EMPTY_PLAN, { change: "theme", themeId: "a" });
    expect(once.themeIds).toEqual(["a"]);
    expect(changePlan(once, { change: "theme", themeId: "a" }).themeIds).toEqual([]);
  });

  it("never both wants and leaves out a place", () => {
    const wanted = changePlan(EMPTY_PLAN, { change: "must visit", place });
    const leftOut = changePlan(wanted, { change: "leave out", place });
    expect([leftOut.mustVisit, leftOut.leaveOut]).toEqual([[], [place]]);
    const twice = changePlan(wanted, { change: "must visit", place });
    expect(twice.mustVisit).toEqual([place]);
    expect(changePlan(twice, { change: "no wish", placeId: 7 })).toEqual(EMPTY_PLAN);
  });
});

it("asks the server with exactly the fields of the contract", () => {
  const plan: Plan = {
    ...EMPTY_PLAN,
    minutes: 45,
    themeIds: ["a"],
    avoidStairs: true,
    mustVisit: [place],
  };
  const start = { position: [-3.19, 55.95] as [number, number], source: "map" as const };
  expect(routeQuestion(plan, start)).toEqual({
    start_location: { type: "Point", coordinates: [-3.19, 55.95] },
    duration_minutes: 45,
    interest_theme_ids: ["a"],
    popularity_bias: 0.5,
    accessibility: { avoid_stairs: true, prefer_well_lit: false },
    must_visit_poi_ids: [7],
    avoid_poi_ids: [],
  });
});

it.each([
  ["55.95, -3.19", [-3.19, 55.95]],
  ["55.95 -3.19", [-3.19, 55.95]],
  ["  55.95;-3.19 ", [-3.19, 55.95]],
  ["95, 0", null],
  ["55.95", null],
  ["here", null],
  ["", null],
  ["1,2,3", null],
])("reads %j as %j", (text, position) => expect(parseCoordinates(text)).toEqual(position));

describe("remembering", () => {
  it("brings back the likes, not where the walker was", () => {
    const memory = new InMemoryStorage();
    const start = { position: [1, 2] as [number, number], source: "device" as const };
    const plan: Plan = {
      ...EMPTY_PLAN,
      start,
      minutes: 90,
      themeIds: ["a"],
      preferWellLit: true,
      leaveOut: [place],
    };
    rememberPlan(memory, plan);
    expect(recallPlan(memory)).toEqual({ ...plan, start: null, leaveOut: [] });
    expect([...memory.kept.values()].join()).not.toContain("position");
  });

  it.each(["not json", "null", "[]", '{"minutes":"soon","themeIds":7,"popularityBias":99}'])(
    "makes a sound plan of %s",
    (text) => {
      const memory = new InMemoryStorage();
      memory.setItem("wildside.plan", text);
      const plan = recallPlan(memory);
      expect(plan.minutes).toBe(60);
      expect(plan.themeIds).toEqual([]);
      expect(plan.popularityBias).toBeLessThanOrEqual(1);
    },
  );

  it("knows a first visit, and takes no storage at all for a later one", () => {
    const memory = new InMemoryStorage();
    expect(hasWalkedHere(memory)).toBe(false);
    rememberVisit(memory);
    expect(hasWalkedHere(memory)).toBe(true);
    expect(hasWalkedHere(null)).toBe(true);
  });
});
