// Where the walk begins: the marker, this device, the middle of the map, or coordinates typed by hand.
import { Crosshair, LocateFixed } from "lucide-react";
import { useId, useState } from "react";
import type { Position } from "../api/shapes";
import { coordinatesText, parseCoordinates, type Start, startText } from "../state/plan";
import { QuietButton, Section } from "./form-parts";

export function StartField(props: {
  start: Start | null;
  hasMap: boolean;
  centre: Position;
  onChange: (start: Start) => void;
}) {
  const [note, setNote] = useState<string | null>(null);
  const [isLocating, setIsLocating] = useState(false);

  function choose(start: Start) {
    setNote(null);
    props.onChange(start);
  }

  function locate() {
    if (!("geolocation" in navigator)) {
      setNote("This browser does not tell where it is. Use the map instead.");
      return;
    }
    setIsLocating(true);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setIsLocating(false);
        choose({ position: [coords.longitude, coords.latitude], source: "device" });
      },
      (refusal) => {
        setIsLocating(false);
        setNote(
          refusal.code === refusal.PERMISSION_DENIED
            ? "Your browser keeps your position to itself. Allow it, or use the map instead."
            : "Your position could not be found just now. Use the map instead.",
        );
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  }

  return (
    <Section title="Begin and end at">
      <p className="text-lg leading-snug">
        <strong className="font-bold">{capitalised(startText(props.start))}</strong>
        <span className="block text-[0.95rem] text-ink-soft">
          {props.hasMap
            ? "Drag the flag, or tap the map where you want to begin."
            : "Type coordinates below, or use your own position."}
        </span>
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <QuietButton onClick={locate} isDisabled={isLocating}>
          <LocateFixed size={17} aria-hidden="true" />
          {isLocating ? "Looking…" : "Where I am"}
        </QuietButton>
        <QuietButton onClick={() => choose({ position: props.centre, source: "centre" })}>
          <Crosshair size={17} aria-hidden="true" />
          Centre of town
        </QuietButton>
      </div>
      <TypedStart start={props.start} isOpen={!props.hasMap} onChange={choose} />
      <p role="status" className="mt-2 text-caution empty:hidden">
        {note}
      </p>
    </Section>
  );
}

function TypedStart(props: {
  start: Start | null;
  isOpen: boolean;
  onChange: (start: Start) => void;
}) {
  const id = useId();
  const [text, setText] = useState("");
  const [isWrong, setIsWrong] = useState(false);

  function submit() {
    const position = parseCoordinates(text);
    setIsWrong(position === null);
    if (position !== null) props.onChange({ position, source: "typed" });
  }

  return (
    <details className="mt-3" open={props.isOpen}>
      <summary className="cursor-pointer text-[0.95rem] text-ink-soft">Type coordinates</summary>
      <form
        className="mt-2 flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label htmlFor={id} className="sr-only">
          Latitude and longitude of the start
        </label>
        <input
          id={id}
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={props.start ? coordinatesText(props.start.position) : "55.9533, -3.1883"}
          inputMode="text"
          autoComplete="off"
          aria-invalid={isWrong}
          aria-describedby={isWrong ? `${id}-wrong` : undefined}
          className="min-w-0 flex-1 rounded-card border border-edge bg-paper-raised px-3 py-2"
        />
        <button type="submit" className="quiet-button">
          Set
        </button>
      </form>
      {isWrong && (
        <p id={`${id}-wrong`} className="mt-1 text-caution">
          Write latitude, then longitude, such as 55.9533, -3.1883.
        </p>
      )}
    </details>
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
