// The way between two stops: minutes and metres, and the turns for whoever wants them.
import { ChevronDown, Footprints } from "lucide-react";
import type { Leg } from "../api/shapes";
import { distanceText, minutesText } from "../state/words";
import { ManoeuvreIcon } from "./icons";

export function LegRow({ leg, toName }: { leg: Leg | undefined; toName: string }) {
  if (leg === undefined) return null;
  const line = (
    <>
      <Footprints size={16} aria-hidden="true" className="shrink-0" />
      <span>
        {minutesText(leg.walking_seconds)} · {distanceText(leg.distance_metres)}
      </span>
    </>
  );
  if (leg.instructions.length === 0) return <p className="leg-line">{line}</p>;
  return (
    <details className="leg">
      <summary className="leg-line">
        {line}
        <span className="sr-only">on foot to {toName}; show the way</span>
        <ChevronDown size={16} aria-hidden="true" className="leg-chevron" />
      </summary>
      <ol className="pb-2 pl-1 text-[1.02rem] leading-snug">
        {leg.instructions.map((instruction, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two turns may read the same; their order never changes
          <li key={at} className="flex gap-2 py-1">
            <ManoeuvreIcon manoeuvre={instruction.manoeuvre} />
            <span>{instruction.text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
