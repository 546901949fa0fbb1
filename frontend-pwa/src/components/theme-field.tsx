// What the walker likes: one chip for each theme, none chosen meaning all.
import type { Theme } from "../api/shapes";
import { Section } from "./form-parts";
import { ThemeIcon } from "./icons";

export function ThemeField(props: {
  themes: Theme[];
  chosenIds: string[];
  onToggle: (themeId: string) => void;
  onClear: () => void;
}) {
  return (
    <Section
      title="Things I like"
      aside={
        props.chosenIds.length > 0 ? (
          <button type="button" className="text-link" onClick={props.onClear}>
            Clear
          </button>
        ) : (
          <span className="text-[0.95rem] text-ink-soft italic">none chosen: surprise me</span>
        )
      }
    >
      <ul className="flex flex-wrap gap-2">
        {props.themes.map((theme) => (
          <li key={theme.id}>
            <button
              type="button"
              className="chip"
              aria-pressed={props.chosenIds.includes(theme.id)}
              title={theme.description}
              onClick={() => props.onToggle(theme.id)}
            >
              <ThemeIcon iconKey={theme.icon_key} />
              {theme.name}
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
