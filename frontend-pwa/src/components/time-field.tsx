// How long the walker has: a slider drawn like the scale bar of a map, fifteen minutes to a segment.
import { useId } from "react";
import { LONGEST_MINUTES, MINUTES_STEP, SHORTEST_MINUTES } from "../state/plan";
import { durationText } from "../state/words";
import { Section } from "./form-parts";

const PRESETS = [
  { minutes: 30, name: "Breather" },
  { minutes: 60, name: "An hour" },
  { minutes: 90, name: "Long lunch" },
  { minutes: 150, name: "Afternoon" },
];
const SEGMENT_MINUTES = 15;
const SEGMENTS = Array.from(
  { length: (LONGEST_MINUTES - SHORTEST_MINUTES) / SEGMENT_MINUTES },
  (_, at) => SHORTEST_MINUTES + at * SEGMENT_MINUTES,
);

export function TimeField({
  minutes,
  onChange,
}: {
  minutes: number;
  onChange: (minutes: number) => void;
}) {
  const id = useId();
  return (
    <Section
      title="Time to spend"
      aside={
        <output htmlFor={id} className="font-display text-xl font-bold text-accent">
          {durationText(minutes)}
        </output>
      }
    >
      <label htmlFor={id} className="sr-only">
        Minutes for the whole walk, visits included
      </label>
      <div className="scale-bar">
        <div className="scale-bar-track" aria-hidden="true">
          {SEGMENTS.map((from) => (
            <span key={from} data-covered={minutes > from || undefined} />
          ))}
        </div>
        <input
          id={id}
          type="range"
          min={SHORTEST_MINUTES}
          max={LONGEST_MINUTES}
          step={MINUTES_STEP}
          value={minutes}
          aria-valuetext={durationText(minutes)}
          onChange={(event) => onChange(Number(event.target.value))}
        />
      </div>
      <div className="scale-bar-figures" aria-hidden="true">
        <span>15 min</span>
        <span>1 h</span>
        <span>2 h</span>
        <span>3 h</span>
      </div>
      <div className="mt-3 flex flex-wrap gap-1">
        {PRESETS.map((preset) => (
          <button
            key={preset.minutes}
            type="button"
            className="chip px-2 text-[0.95rem] whitespace-nowrap"
            aria-pressed={preset.minutes === minutes}
            onClick={() => onChange(preset.minutes)}
          >
            {preset.name}
          </button>
        ))}
      </div>
    </Section>
  );
}
