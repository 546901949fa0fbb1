// One stop: what it is, why it is on this walk, when the walker gets there and for how long.
import { useEffect, useRef } from "react";
import type { Stop, Theme } from "../api/shapes";
import { minutesText } from "../state/words";
import { ThemeIcon } from "./icons";

/** A pointer that only passes over a card must not send the map flying. */
const HOVER_MILLISECONDS = 350;

export function StopCard(props: {
  stop: Stop;
  themes: Theme[];
  isChosen: boolean;
  onChoose: (position: number) => void;
}) {
  const { stop, isChosen, onChoose } = props;
  const card = useRef<HTMLDivElement>(null);
  const hover = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (!isChosen) return;
    const withMotion = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    card.current?.scrollIntoView({ block: "nearest", behavior: withMotion ? "smooth" : "auto" });
  }, [isChosen]);
  useEffect(() => () => clearTimeout(hover.current), []);
  // A theme that is the very reason is said once, as the reason.
  const themes = props.themes
    .filter((theme) => stop.poi.themes.includes(theme.id) && !stop.why.includes(theme.name))
    .slice(0, 2);
  const iconOf = (reason: string) => props.themes.find((theme) => theme.name === reason)?.icon_key;
  return (
    <div
      ref={card}
      className="stop-card"
      data-chosen={isChosen || undefined}
      onPointerEnter={(event) => {
        if (event.pointerType !== "mouse" || isChosen) return;
        hover.current = window.setTimeout(() => onChoose(stop.position), HOVER_MILLISECONDS);
      }}
      onPointerLeave={() => clearTimeout(hover.current)}
    >
      <span className="stop-number" aria-hidden="true">
        {stop.position}
      </span>
      <h2 className="font-display text-[1.3rem] leading-tight font-bold">
        <button
          type="button"
          className="stop-button"
          aria-pressed={isChosen}
          onClick={() => onChoose(stop.position)}
        >
          <span className="sr-only">Stop {stop.position}: </span>
          {stop.poi.name}
        </button>
      </h2>
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-[0.98rem] text-ink-soft empty:hidden">
        {themes.map((theme) => (
          <span key={theme.id} className="inline-flex items-center gap-1">
            <ThemeIcon iconKey={theme.icon_key} size={15} />
            {theme.name}
          </span>
        ))}
      </p>
      {stop.poi.narrative && <p className="mt-2 leading-snug">{stop.poi.narrative}</p>}
      {stop.why.length > 0 && (
        <ul className="why" aria-label="Why it is on this walk">
          {stop.why.map((reason) => (
            <Reason key={reason} text={reason} iconKey={iconOf(reason)} />
          ))}
        </ul>
      )}
      <p className="mt-2 text-[0.98rem] text-ink-soft">
        {stop.arrival_offset_seconds < 60
          ? "Right at the start"
          : `${minutesText(stop.arrival_offset_seconds)} after setting out`}
        {stop.visit_seconds >= 30 && ` · stay ${minutesText(stop.visit_seconds)}`}
      </p>
      {stop.poi.opening_hours && (
        <p className="text-[0.98rem] text-ink-soft">Open {stop.poi.opening_hours}</p>
      )}
    </div>
  );
}

function Reason({ text, iconKey }: { text: string; iconKey: string | undefined }) {
  return (
    <li className="flex items-center gap-1.5">
      {iconKey !== undefined && <ThemeIcon iconKey={iconKey} size={15} />}
      {text.charAt(0).toUpperCase() + text.slice(1)}
    </li>
  );
}
