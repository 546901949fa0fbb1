// A place tapped on the map: what it is, and the walker's wish about it.

import { Ban, Flag, Heart, X } from "lucide-react";
import { useEffect } from "react";
import type { Place, Theme } from "../api/shapes";
import type { Guide } from "../state/guide";
import type { Plan } from "../state/plan";
import { QuietButton } from "./form-parts";
import { ThemeIcon } from "./icons";

export function PlaceCard(props: {
  place: Place;
  themes: Theme[];
  plan: Plan;
  isPlanning: boolean;
  guide: Guide;
}) {
  const { place, plan, guide } = props;
  const named = { id: place.id, name: place.name };
  const isWanted = plan.mustVisit.some((one) => one.id === place.id);
  const isLeftOut = plan.leaveOut.some((one) => one.id === place.id);
  const close = () => guide.tell({ event: "place closed" });
  useEffect(() => {
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key === "Escape") guide.tell({ event: "place closed" });
    };
    addEventListener("keydown", closeOnEscape);
    return () => removeEventListener("keydown", closeOnEscape);
  }, [guide]);
  return (
    <section className="place-card" aria-label={place.name}>
      <div className="flex items-start justify-between gap-3">
        <h2 className="font-display text-xl leading-tight font-bold">{place.name}</h2>
        <button
          type="button"
          className="icon-button -mt-1 -mr-2"
          aria-label="Close"
          onClick={close}
        >
          <X size={18} aria-hidden="true" />
        </button>
      </div>
      <p className="mt-1 flex flex-wrap gap-x-3 text-[0.98rem] text-ink-soft">
        {props.themes
          .filter((theme) => place.themes.includes(theme.id))
          .map((theme) => (
            <span key={theme.id} className="inline-flex items-center gap-1">
              <ThemeIcon iconKey={theme.icon_key} size={15} />
              {theme.name}
            </span>
          ))}
      </p>
      {place.narrative && <p className="mt-2 leading-snug">{place.narrative}</p>}
      {place.opening_hours && (
        <p className="mt-1 text-[0.98rem] text-ink-soft">Open {place.opening_hours}</p>
      )}
      {props.isPlanning && (
        <div className="mt-3 flex flex-wrap gap-2">
          <button
            type="button"
            className="chip"
            aria-pressed={isWanted}
            onClick={() =>
              guide.change(
                isWanted
                  ? { change: "no wish", placeId: place.id }
                  : { change: "must visit", place: named },
              )
            }
          >
            <Heart size={16} aria-hidden="true" />
            Must see
          </button>
          <button
            type="button"
            className="chip"
            aria-pressed={isLeftOut}
            onClick={() =>
              guide.change(
                isLeftOut
                  ? { change: "no wish", placeId: place.id }
                  : { change: "leave out", place: named },
              )
            }
          >
            <Ban size={16} aria-hidden="true" />
            Leave out
          </button>
          <QuietButton
            onClick={() => {
              const start = {
                position: place.location.coordinates,
                source: "place" as const,
                name: place.name,
              };
              guide.change({ change: "start", start });
              close();
            }}
          >
            <Flag size={16} aria-hidden="true" />
            Begin here
          </QuietButton>
        </div>
      )}
    </section>
  );
}
