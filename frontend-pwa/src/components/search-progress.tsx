// The wait: a trail that is walked dot by dot, and one line that says what is being done.
import type { Search } from "../state/page";
import { stageText } from "../state/words";
import { QuietButton } from "./form-parts";

/** Dots along the trail; each stands for five per cent. */
const DOTS = 20;

export function SearchProgress(props: { search: Search; isLive: boolean; onStop: () => void }) {
  const { search } = props;
  const walked = Math.round((search.progress / 100) * DOTS);
  const stage = stageText(search.status, search.progress);
  return (
    <div className="flex items-center gap-4">
      <div className="min-w-0 flex-1">
        <p className="font-display text-lg font-bold italic" role="status">
          {stage}
        </p>
        <progress
          className="sr-only"
          max={100}
          value={search.progress}
          aria-label="Finding your walk"
        />
        <svg viewBox={`0 0 ${DOTS * 10} 24`} className="mt-1 w-full" aria-hidden="true">
          {Array.from({ length: DOTS }, (_, at) => (
            <circle
              // biome-ignore lint/suspicious/noArrayIndexKey: a dot is nothing but its place in the row
              key={at}
              cx={5 + at * 10}
              cy={12 + Math.sin(at * 0.75) * 7}
              r={at < walked ? 3.1 : 2}
              className={
                at < walked ? "fill-accent" : at === walked ? "next-dot fill-accent" : "fill-rule"
              }
            />
          ))}
        </svg>
        {!props.isLive && (
          <p className="text-[0.95rem] text-ink-soft">
            Live news is interrupted; asking every second.
          </p>
        )}
      </div>
      <QuietButton onClick={props.onStop}>Stop</QuietButton>
    </div>
  );
}
