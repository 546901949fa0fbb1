// The form of a walk: one sentence that says it all, and below it the fields that change it.

import { positionOf, type Theme } from "../api/shapes";
import type { Guide } from "../state/guide";
import { type PageState, regionOf } from "../state/page";
import type { Plan } from "../state/plan";
import { durationText, listText } from "../state/words";
import { StartField } from "./start-field";
import { TasteFields } from "./taste-fields";
import { ThemeField } from "./theme-field";
import { TimeField } from "./time-field";

export function Planner({
  page,
  guide,
  hasMap,
}: {
  page: PageState;
  guide: Guide;
  hasMap: boolean;
}) {
  const region = regionOf(page);
  if (region === null) return null;
  return (
    <>
      <PlanSentence plan={page.plan} themes={page.themes} />
      <TimeField
        minutes={page.plan.minutes}
        onChange={(minutes) => guide.change({ change: "minutes", minutes })}
      />
      <ThemeField
        themes={page.themes}
        chosenIds={page.plan.themeIds}
        onToggle={(themeId) => guide.change({ change: "theme", themeId })}
        onClear={() => guide.change({ change: "no themes" })}
      />
      <StartField
        start={page.plan.start}
        hasMap={hasMap}
        centre={positionOf(region.centre)}
        onChange={(start) => guide.change({ change: "start", start })}
      />
      <TasteFields plan={page.plan} guide={guide} />
    </>
  );
}

export function PlanSentence({ plan, themes }: { plan: Plan; themes: Theme[] }) {
  const liked = themes.filter((theme) => plan.themeIds.includes(theme.id));
  const names = liked.map((theme) => theme.name.toLowerCase());
  return (
    <h1 className="pt-4 pb-5 font-display text-[1.95rem] leading-[1.12] font-medium text-balance">
      I have <em className="not-italic text-accent">{durationText(plan.minutes)}</em>
      {names.length > 0 ? (
        <>
          {" "}
          and like <em className="not-italic text-accent">{listText(names)}</em>.
        </>
      ) : (
        <>
          . <span className="italic">Surprise me.</span>
        </>
      )}
    </h1>
  );
}
