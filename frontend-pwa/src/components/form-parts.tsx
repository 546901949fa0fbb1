// The small parts every form of the page is made of: a section, a switch, a plain button.
import { type ReactNode, useId } from "react";

export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t border-rule py-5">
      <div className="mb-3 flex items-baseline justify-between gap-3">
        <h2 id={id} className="font-display text-xl font-bold">
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Switch(props: {
  label: string;
  hint: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="flex items-center justify-between gap-4 py-2">
      <label htmlFor={id} className="cursor-pointer">
        <span className="block font-medium">{props.label}</span>
        <span className="block text-[0.95rem] text-ink-soft">{props.hint}</span>
      </label>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={props.isOn}
        checked={props.isOn}
        onChange={(event) => props.onChange(event.target.checked)}
        className="switch"
      />
    </div>
  );
}

export function QuietButton(props: {
  children: ReactNode;
  onClick: () => void;
  label?: string;
  isDisabled?: boolean;
}) {
  return (
    <button
      type="button"
      onClick={props.onClick}
      aria-label={props.label}
      disabled={props.isDisabled}
      className="quiet-button"
    >
      {props.children}
    </button>
  );
}
