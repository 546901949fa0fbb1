// The name and its waymark: a trail of dots that wanders into a W.

export function Wordmark() {
  return (
    <span className="flex items-center gap-2.5">
      <svg viewBox="0 0 64 40" className="h-7 w-11 text-accent" aria-hidden="true">
        <path
          d="M6 8c3 9 7 20 12 25 6-5 9-14 12-20 4 7 8 16 13 20 6-6 9-14 13-25"
          fill="none"
          stroke="currentColor"
          strokeWidth="5"
          strokeLinecap="round"
          strokeLinejoin="round"
          strokeDasharray="0.1 8"
        />
        <circle cx="57" cy="6" r="5" fill="currentColor" />
      </svg>
      <span className="font-display text-[1.7rem] leading-none font-extrabold tracking-tight">
        Wildside
      </span>
    </span>
  );
}
