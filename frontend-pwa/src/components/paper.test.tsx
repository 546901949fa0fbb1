// What is written on the paper, as a screen reader would find it.
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { Problem } from "../api/problem";
import { EMPTY_PLAN } from "../state/plan";
import { ROUTE, THEMES } from "../testing/server";
import { PlanSentence } from "./planner";
import { ProblemNote } from "./problem-note";
import { WalkView } from "./walk-view";

const textOf = (markup: string) =>
  markup
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

it("says the plan in one sentence", () => {
  const plan = { ...EMPTY_PLAN, minutes: 45, themeIds: ["theme-pubs", "theme-art"] };
  const markup = renderToStaticMarkup(<PlanSentence plan={plan} themes={THEMES} />);
  expect(textOf(markup)).toBe("I have 45 minutes and like historic pubs and street art .");
});

it("tells a walk in order: way, stop, why, way home", () => {
  const markup = renderToStaticMarkup(
    <WalkView
      walk={ROUTE}
      isShared={false}
      themes={THEMES}
      chosenStop={null}
      guide={{} as never}
    />,
  );
  const text = textOf(markup);
  const told = [
    "1 stop",
    "1.3 km",
    "12 m",
    "8 min · 630 m",
    "Turn left into Rose Street",
    "Stop 1: The Old Tap",
    "Historic pubs",
    "A pub from 1823",
    "stay 5 min",
    "Back after 21 minutes",
  ];
  const places = told.map((words) => text.indexOf(words));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

it("explains a walk without stops instead of showing an empty list", () => {
  const summary = { ...ROUTE.summary, stop_count: 0 };
  const walk = { ...ROUTE, summary, stops: [], legs: [], warnings: ["sparse_area"] };
  const markup = renderToStaticMarkup(
    <WalkView walk={walk} isShared={false} themes={THEMES} chosenStop={null} guide={{} as never} />,
  );
  expect(textOf(markup)).toContain("Nothing of that kind within reach");
  expect(markup).not.toContain("itinerary");
});

it("gives a reference only where the fault is ours", () => {
  const note = (status: number) =>
    renderToStaticMarkup(
      <ProblemNote
        problem={new Problem({ code: "x", message: "", status, traceId: "abc" })}
        onRead={() => undefined}
      />,
    );
  expect(note(500)).toContain("abc");
  expect(note(404)).not.toContain("abc");
});
