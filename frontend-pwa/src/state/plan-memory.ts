// Remembers between visits what the walker likes, in this browser only; never where they were.
import { changePlan, EMPTY_PLAN, type Plan } from "./plan";

const KEY = "wildside.plan";
const WALKED_KEY = "wildside.walked-here";

/** As much of the browser's storage as is used here; absent in private windows of some browsers. */
export type Memory = Pick<Storage, "getItem" | "setItem"> | null;

export function rememberPlan(memory: Memory, plan: Plan): void {
  const { minutes, themeIds, popularityBias, avoidStairs, preferWellLit } = plan;
  const kept = { minutes, themeIds, popularityBias, avoidStairs, preferWellLit };
  try {
    memory?.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A full or forbidden storage costs the walker a few taps next time, nothing else.
  }
}

/** The plan as it was left, or the empty one where nothing sensible is remembered. */
export function recallPlan(memory: Memory): Plan {
  try {
    const kept: Partial<Plan> = JSON.parse(memory?.getItem(KEY) ?? "{}") ?? {};
    const withMinutes = changePlan(EMPTY_PLAN, {
      change: "minutes",
      minutes: Number(kept.minutes ?? EMPTY_PLAN.minutes) || EMPTY_PLAN.minutes,
    });
    const withBias = changePlan(withMinutes, {
      change: "popularity",
      bias: Number(kept.popularityBias ?? EMPTY_PLAN.popularityBias) || 0,
    });
    return {
      ...withBias,
      themeIds: Array.isArray(kept.themeIds)
        ? kept.themeIds.filter((id) => typeof id === "string")
        : [],
      avoidStairs: kept.avoidStairs === true,
      preferWellLit: kept.preferWellLit === true,
    };
  } catch {
    return EMPTY_PLAN;
  }
}

/** False only where the storage works and holds no trace of an earlier visit. */
export function hasWalkedHere(memory: Memory): boolean {
  try {
    return memory === null || memory.getItem(WALKED_KEY) !== null;
  } catch {
    return true;
  }
}

export function rememberVisit(memory: Memory): void {
  try {
    memory?.setItem(WALKED_KEY, "yes");
  } catch {
    // Without it the next visit asks who we are first, which is only slower.
  }
}
