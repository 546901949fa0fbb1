// Turns every refusal into a sentence that says what to do next.
import { type Problem, UNREACHABLE } from "../api/problem";

export interface ProblemText {
  title: string;
  advice: string;
}

/** By code, most specific first: a detail's code says more than the answer's. */
const TEXTS: [code: string, text: ProblemText][] = [
  [
    "outside_coverage",
    {
      title: "There is no footpath near that point.",
      advice: "Move the start marker onto a street or path of the city on the map.",
    },
  ],
  [
    "sparse_area",
    {
      title: "There is too little to see within reach.",
      advice: "Choose more themes, a longer walk or another start.",
    },
  ],
  [
    "cancelled",
    { title: "The search was stopped.", advice: "Change what you like and try again." },
  ],
  [
    "forbidden",
    { title: "This belongs to somebody else.", advice: "Only the walker who made it can see it." },
  ],
  [
    "not_found",
    {
      title: "This is no longer here.",
      advice: "It may have been deleted, or the address may be mistyped.",
    },
  ],
  [
    "conflict",
    { title: "Something else changed in the meantime.", advice: "Reload the page and try again." },
  ],
  [
    "unauthorized",
    { title: "Your session has ended.", advice: "Reload the page to begin a new one." },
  ],
  [
    UNREACHABLE,
    { title: "The server cannot be reached.", advice: "Check your connection, then try again." },
  ],
  [
    "engine_timeout",
    { title: "The search took too long.", advice: "Try again, or choose a shorter walk." },
  ],
  [
    "engine_crashed",
    { title: "The search stumbled.", advice: "It has been noted. Try again in a moment." },
  ],
  [
    "unknown_place",
    {
      title: "A place you asked for is not in this city.",
      advice: "Remove it from “Must be on it” and try again.",
    },
  ],
  [
    "unknown_theme",
    {
      title: "One of the themes is no longer known.",
      advice: "Clear the themes and choose again.",
    },
  ],
  [
    "internal_error",
    { title: "Something broke on our side.", advice: "It has been noted. Try again in a moment." },
  ],
];

export function problemText(problem: Problem): ProblemText {
  if (problem.code === "rate_limited" || problem.code === "service_unavailable") {
    return busyText(problem);
  }
  const known = TEXTS.find(([code]) => problem.says(code));
  if (known) return known[1];
  if (problem.code === "invalid_request") {
    const messages = problem.fields.flatMap((field) => (field.message ? [field.message] : []));
    return {
      title: "The server did not accept this choice.",
      advice:
        messages.length > 0 ? `It says: ${messages.join("; ")}.` : `It says: ${problem.message}.`,
    };
  }
  return {
    title: "That did not work.",
    advice: "Try again; if it keeps happening, tell us the reference below.",
  };
}

function busyText(problem: Problem): ProblemText {
  const wait = problem.retryAfterSeconds;
  const when =
    wait === undefined
      ? "in a minute"
      : wait <= 1
        ? "in a second"
        : `in ${Math.ceil(wait)} seconds`;
  return problem.code === "rate_limited"
    ? {
        title: "That was a lot of requests at once.",
        advice: `Catch your breath and try again ${when}.`,
      }
    : { title: "The server is catching its breath.", advice: `Please try again ${when}.` };
}
