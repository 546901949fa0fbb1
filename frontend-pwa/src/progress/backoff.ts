// How long to wait before knocking again: doubling, bounded, and never two browsers in step.

export const FIRST_WAIT_MILLISECONDS = 500;
export const LONGEST_WAIT_MILLISECONDS = 20_000;

/** Wait before attempt `attempt` (from 0). `random` in 0..1 takes away up to half of it. */
export function waitBeforeRetry(attempt: number, random: number): number {
  const full = Math.min(LONGEST_WAIT_MILLISECONDS, FIRST_WAIT_MILLISECONDS * 2 ** attempt);
  return Math.round(full * (1 - random / 2));
}
