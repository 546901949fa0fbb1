// The paper beside the map: a page of the guide on a desk, a sheet to pull up on a phone.
import { type PointerEvent, type ReactNode, useRef, useState } from "react";

export type SheetHeight = "low" | "half" | "full";

const HEIGHTS: SheetHeight[] = ["low", "half", "full"];
const NAMES: Record<SheetHeight, string> = {
  low: "small",
  half: "half height",
  full: "full height",
};
/** Less than this is a tap on the handle, not a pull. */
const PULL_PIXELS = 24;

export interface PanelProps {
  height: SheetHeight;
  onHeight: (height: SheetHeight) => void;
  /** Names what is on the sheet: another sheet is read from its top. */
  sheet: string;
  header: ReactNode;
  footer: ReactNode;
  children: ReactNode;
}

export function Panel({ height, onHeight, sheet, header, footer, children }: PanelProps) {
  const pulledFrom = useRef<number | null>(null);
  const [pulled, setPulled] = useState(0);

  function pullBegins(event: PointerEvent) {
    pulledFrom.current = event.clientY;
    event.currentTarget.setPointerCapture(event.pointerId);
  }

  function pullGoesOn(event: PointerEvent) {
    if (pulledFrom.current !== null) setPulled(event.clientY - pulledFrom.current);
  }

  function pullEnds() {
    if (pulledFrom.current === null) return;
    pulledFrom.current = null;
    setPulled(0);
    if (Math.abs(pulled) < PULL_PIXELS) return;
    onHeight(neighbour(height, pulled < 0 ? 1 : -1));
  }

  return (
    <main
      id="panel"
      className="panel"
      data-height={height}
      data-pulled={pulled !== 0 || undefined}
      style={{ "--pulled": `${pulled}px` } as React.CSSProperties}
    >
      <button
        type="button"
        className="panel-handle"
        aria-label={`Panel is ${NAMES[height]}; change its height`}
        onPointerDown={pullBegins}
        onPointerMove={pullGoesOn}
        onPointerUp={pullEnds}
        onPointerCancel={pullEnds}
        onClick={() => {
          if (Math.abs(pulled) < PULL_PIXELS) onHeight(nextHeight(height));
        }}
      >
        <span />
      </button>
      <header className="panel-header">{header}</header>
      <div className="panel-body" key={sheet}>
        {children}
      </div>
      <footer className="panel-footer">{footer}</footer>
    </main>
  );
}

function neighbour(height: SheetHeight, step: 1 | -1): SheetHeight {
  return HEIGHTS[HEIGHTS.indexOf(height) + step] ?? height;
}

/** Taps go up and, from the top, back down. */
function nextHeight(height: SheetHeight): SheetHeight {
  return HEIGHTS[(HEIGHTS.indexOf(height) + 1) % HEIGHTS.length] ?? "half";
}
