// Numbers and codes become words a walker would use.
import { expect, it } from "vitest";
import { Problem } from "../api/problem";
import { problemText } from "./problem-text";
import { distanceText, durationText, listText, minutesText, stageText, warningText } from "./words";

it.each([
  [0, "0 min"],
  [10, "1 min"],
  [89, "1 min"],
  [90, "2 min"],
  [3600, "1 h"],
  [3660, "1 h 1 min"],
  [7170, "2 h"],
])("%i seconds are %s", (seconds, text) => expect(minutesText(seconds)).toBe(text));

it.each([
  [7.4, "7 m"],
  [344, "340 m"],
  [994, "990 m"],
  [995, "1.0 km"],
  [1903, "1.9 km"],
])("%d metres are %s", (metres, text) => expect(distanceText(metres)).toBe(text));

it.each([
  [45, "45 minutes"],
  [60, "1 hour"],
  [61, "1 hour 1 minute"],
  [150, "2 hours 30 minutes"],
])("%i minutes are spelt %s", (minutes, text) => expect(durationText(minutes)).toBe(text));

it("lists with commas and an and, and counts what is too much", () => {
  expect(listText([])).toBe("");
  expect(listText(["pubs"])).toBe("pubs");
  expect(listText(["pubs", "art", "parks"])).toBe("pubs, art and parks");
  expect(listText(["pubs", "art", "parks", "music"])).toBe("pubs, art and 2 more");
});

it("has words for each warning of the contract and for one it does not know", () => {
  for (const code of ["sparse_area", "stairs_unavoidable", "unlit_sections", "hours_unknown"]) {
    expect(warningText(code)).not.toContain("_");
    expect(warningText(code)).not.toContain("Please note");
  }
  expect(warningText("new_code")).toBe("Please note: new code.");
});

it("tells another stage as the search goes on", () => {
  const told = [
    stageText("pending", 0),
    ...[0, 30, 60, 95].map((done) => stageText("in_progress", done)),
  ];
  expect(new Set(told).size).toBe(5);
});

it("prefers the detail's advice to that of the answer's code", () => {
  const fields = [{ field: "start_location", code: "outside_coverage", message: "far" }];
  const problem = new Problem({ code: "invalid_request", message: "no", fields });
  expect(problemText(problem).title).toBe("There is no footpath near that point.");
});

it("names the seconds to wait when there were too many requests", () => {
  const problem = new Problem({ code: "rate_limited", message: "", retryAfterSeconds: 12.2 });
  expect(problemText(problem).advice).toContain("in 13 seconds");
});

it("has a title and advice for every code of the contract, and for an unknown one", () => {
  const codes =
    "invalid_request unauthorized forbidden not_found method_not_allowed conflict payload_too_large " +
    "unsupported_media_type rate_limited internal_error service_unavailable outside_coverage cancelled brand_new";
  for (const code of codes.split(" ")) {
    const text = problemText(new Problem({ code, message: "as the server says" }));
    expect(text.title).toMatch(/\.$/);
    expect(text.advice).toMatch(/\.$/);
    expect(`${text.title} ${text.advice}`).not.toContain("_");
  }
});
