// The walks of before, newest first.
import { useEffect, useRef } from "react";
import type { PastWalk } from "../api/shapes";
import type { Guide } from "../state/guide";
import type { PastWalks as Walks } from "../state/page";
import { countText, dayText, distanceText, listText, minutesText } from "../state/words";
import { QuietButton } from "./form-parts";

export function PastWalks({ past, guide }: { past: Walks | null; guide: Guide }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const isLoading = past?.isLoading ?? true;
  const nextLink = past?.nextLink ?? null;
  return (
    <>
      <h1
        ref={heading}
        tabIndex={-1}
        className="pt-4 pb-4 font-display text-[1.95rem] leading-[1.12] font-medium outline-none"
      >
        Your walks so far
      </h1>
      {past !== null && past.walks.length === 0 && !isLoading && (
        <p className="border-t border-rule pt-4 text-lg">
          None yet. The first one is a minute away.
        </p>
      )}
      <ul>
        {past?.walks.map((walk) => (
          <li key={walk.id} className="border-t border-rule">
            <button type="button" className="past-walk" onClick={() => guide.openWalk(walk.id)}>
              <span className="font-display text-lg font-bold">{titleOf(walk)}</span>
              <span className="text-[0.98rem] text-ink-soft">
                {dayText(walk.created_at, new Date())} ·{" "}
                {countText(walk.summary.stop_count, "stop", "stops")} ·{" "}
                {distanceText(walk.summary.distance_metres)} ·{" "}
                {minutesText(walk.summary.total_seconds)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className="py-3 text-ink-soft italic empty:hidden">
        {isLoading ? "Leafing back…" : null}
      </p>
      {nextLink !== null && !isLoading && (
        <QuietButton onClick={() => guide.loadPastWalks(nextLink)}>Older walks</QuietButton>
      )}
    </>
  );
}

function titleOf(walk: PastWalk): string {
  const names = walk.stop_names ?? [];
  return names.length > 0 ? listText(names) : "A walk without stops";
}
