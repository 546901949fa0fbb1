// What went wrong, in a sentence that helps, with the reference support would ask for.
import { X } from "lucide-react";
import type { Problem } from "../api/problem";
import { problemText } from "../state/problem-text";

export function ProblemNote({ problem, onRead }: { problem: Problem; onRead: () => void }) {
  const { title, advice } = problemText(problem);
  return (
    <div role="alert" className="problem-note">
      <div className="min-w-0 flex-1">
        <p className="font-bold">{title}</p>
        <p className="leading-snug">{advice}</p>
        {problem.traceId && problem.status >= 500 && (
          <p className="mt-1 text-sm break-all text-ink-soft">Reference {problem.traceId}</p>
        )}
      </div>
      <button
        type="button"
        className="icon-button -mt-1 -mr-1"
        aria-label="Dismiss"
        onClick={onRead}
      >
        <X size={18} aria-hidden="true" />
      </button>
    </div>
  );
}
