// A walk that was found: what it adds up to, its stops in order, and the ways between them.
import { Download, Route as RouteIcon } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Leg, Route, Stop, Theme } from "../api/shapes";
import type { Guide } from "../state/guide";
import { countText, distanceText, durationText, minutesText, warningText } from "../state/words";
import { QuietButton } from "./form-parts";
import { LegRow } from "./leg-row";
import { StopCard } from "./stop-card";

export interface WalkViewProps {
  walk: Route;
  isShared: boolean;
  themes: Theme[];
  chosenStop: number | null;
  guide: Guide;
}

export function WalkView({ walk, isShared, themes, chosenStop, guide }: WalkViewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever cannot see the line being drawn is taken to the walk all the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each walk
  useEffect(() => heading.current?.focus({ preventScroll: true }), [walk.id]);
  const { summary } = walk;
  const minutes = Math.round(summary.total_seconds / 60);
  return (
    <article aria-labelledby="walk-title">
      <h1
        id="walk-title"
        ref={heading}
        tabIndex={-1}
        className="pt-4 pb-4 font-display text-[1.95rem] leading-[1.12] font-medium text-balance outline-none"
      >
        {summary.stop_count === 0 ? (
          "Nothing of that kind within reach"
        ) : (
          <>
            <em className="not-italic text-accent">
              {countText(summary.stop_count, "stop", "stops")}
            </em>{" "}
            in {durationText(minutes)}
          </>
        )}
      </h1>
      <Figures walk={walk} />
      <Notes walk={walk} />
      {!isShared && summary.stop_count > 0 && (
        <div className="flex flex-wrap gap-2 pb-5">
          <QuietButton
            onClick={() => guide.saveWalk("gpx")}
            label="Download as GPX, for watches and map apps"
          >
            <Download size={17} aria-hidden="true" />
            GPX
          </QuietButton>
          <QuietButton onClick={() => guide.saveWalk("geojson")} label="Download as GeoJSON">
            <Download size={17} aria-hidden="true" />
            GeoJSON
          </QuietButton>
        </div>
      )}
      {summary.stop_count > 0 && (
        <Itinerary walk={walk} themes={themes} chosenStop={chosenStop} guide={guide} />
      )}
    </article>
  );
}

function Figures({ walk }: { walk: Route }) {
  const { summary } = walk;
  const figures: [string, string][] = [
    ["Distance", distanceText(summary.distance_metres)],
    ["On foot", minutesText(summary.walking_seconds)],
    ["At the stops", minutesText(summary.visiting_seconds)],
  ];
  if (summary.waiting_seconds >= 60)
    figures.push(["Waiting", minutesText(summary.waiting_seconds)]);
  if (summary.ascent_metres != null)
    figures.push(["Climb", `${Math.round(summary.ascent_metres)} m`]);
  return (
    <dl className="flex flex-wrap gap-x-7 gap-y-2 border-y border-rule py-3">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt className="text-[0.95rem] text-ink-soft italic">{name}</dt>
          <dd className="font-display text-xl font-bold">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Notes({ walk }: { walk: Route }) {
  const notes = walk.warnings.map(warningText);
  if (walk.truncated)
    notes.push("The search ran out of time; a longer one might find a better walk.");
  if (notes.length === 0) return <div className="h-4" />;
  return (
    <ul
      className="my-4 border-l-3 border-caution pl-3 text-[1.02rem] leading-snug"
      aria-label="Please note"
    >
      {notes.map((note) => (
        <li key={note} className="py-0.5">
          {note}
        </li>
      ))}
    </ul>
  );
}

function Itinerary({ walk, themes, chosenStop, guide }: Omit<WalkViewProps, "isShared">) {
  const legTo = (position: number) => walk.legs.find((leg) => leg.to_position === position);
  const lastStop = walk.stops.at(-1)?.position ?? 0;
  const homeward = walk.legs.find((leg: Leg) => leg.from_position === lastStop);
  return (
    <ol className="itinerary" aria-label="The walk, stop by stop">
      <li className="itinerary-end">
        <RouteIcon size={16} aria-hidden="true" />
        <span>Start</span>
      </li>
      {walk.stops.map((stop: Stop) => (
        <li key={stop.position}>
          <LegRow leg={legTo(stop.position)} toName={stop.poi.name} />
          <StopCard
            stop={stop}
            themes={themes}
            isChosen={stop.position === chosenStop}
            onChoose={(position) => guide.tell({ event: "stop chosen", position })}
          />
        </li>
      ))}
      <li>
        <LegRow leg={homeward} toName="the end" />
        <div className="itinerary-end">
          <RouteIcon size={16} aria-hidden="true" />
          <span>Back after {durationText(Math.round(walk.summary.total_seconds / 60))}</span>
        </div>
      </li>
    </ol>
  );
}
