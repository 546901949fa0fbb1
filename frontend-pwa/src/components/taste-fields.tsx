// Hidden gems or famous sights, steps, light, and the walker's wishes about single places.
import { X } from "lucide-react";
import { useId } from "react";
import type { Guide } from "../state/guide";
import type { NamedPlace, Plan } from "../state/plan";
import { Section, Switch } from "./form-parts";

export function TasteFields({ plan, guide }: { plan: Plan; guide: Guide }) {
  const id = useId();
  return (
    <>
      <Section title="How well known">
        <label htmlFor={id} className="sr-only">
          From hidden gems to famous sights
        </label>
        <input
          id={id}
          type="range"
          className="plain-range"
          min={0}
          max={1}
          step={0.1}
          value={plan.popularityBias}
          aria-valuetext={popularityText(plan.popularityBias)}
          onChange={(event) =>
            guide.change({ change: "popularity", bias: Number(event.target.value) })
          }
        />
        <div className="mt-1 flex justify-between text-[0.95rem] text-ink-soft" aria-hidden="true">
          <span>Hidden gems</span>
          <span>Famous sights</span>
        </div>
      </Section>
      <Section title="On the way">
        <Switch
          label="Avoid steps"
          hint="Goes round stairs wherever there is another way."
          isOn={plan.avoidStairs}
          onChange={(avoid) => guide.change({ change: "stairs", avoid })}
        />
        <Switch
          label="Prefer lit streets"
          hint="For after dark: keeps to ways known to have lamps."
          isOn={plan.preferWellLit}
          onChange={(prefer) => guide.change({ change: "light", prefer })}
        />
      </Section>
      <Wishes title="Must be on it" places={plan.mustVisit} guide={guide} />
      <Wishes title="Leave out" places={plan.leaveOut} guide={guide} />
    </>
  );
}

function Wishes({ title, places, guide }: { title: string; places: NamedPlace[]; guide: Guide }) {
  if (places.length === 0) return null;
  return (
    <Section title={title}>
      <ul className="flex flex-wrap gap-2">
        {places.map((place) => (
          <li key={place.id}>
            <button
              type="button"
              className="chip"
              aria-label={`Remove ${place.name} from “${title}”`}
              onClick={() => guide.change({ change: "no wish", placeId: place.id })}
            >
              {place.name}
              <X size={16} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function popularityText(bias: number): string {
  if (bias < 0.25) return "hidden gems";
  if (bias < 0.45) return "mostly hidden gems";
  if (bias <= 0.55) return "a mixture";
  return bias <= 0.75 ? "mostly famous sights" : "famous sights";
}
