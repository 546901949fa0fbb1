// What the browser knows: its width, the wish for less motion, light or dark.
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { ThemeName } from "../map/colours";

export function useMedia(query: string): boolean {
  const listen = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(listen, () => matchMedia(query).matches);
}

const KEY = "wildside.theme";

/** Light or dark: the system's choice until the walker makes their own, which is remembered. */
export function useTheme(): [ThemeName, () => void] {
  const system: ThemeName = useMedia("(prefers-color-scheme: dark)") ? "dark" : "light";
  const [own, setOwn] = useState<ThemeName | null>(recalledTheme);
  const theme = own ?? system;
  useEffect(() => {
    if (own !== null) document.documentElement.dataset.theme = own;
  }, [own]);
  const toggle = useCallback(() => {
    const other: ThemeName = theme === "dark" ? "light" : "dark";
    setOwn(other);
    try {
      localStorage.setItem(KEY, other);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }, [theme]);
  return [theme, toggle];
}

function recalledTheme(): ThemeName | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : null;
  } catch {
    return null;
  }
}
