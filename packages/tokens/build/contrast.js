// Which colours must be readable on which, and the WCAG 2 ratio that decides it.

/** Text and its ground, for each theme; the first must be readable on the second. */
const READABLE_PAIRS = [
  ["color.ink", "color.paper"],
  ["color.ink", "color.paper-raised"],
  ["color.ink", "color.paper-sunken"],
  ["color.ink-soft", "color.paper"],
  ["color.ink-soft", "color.paper-raised"],
  ["color.ink-soft", "color.paper-sunken"],
  ["color.accent", "color.paper"],
  ["color.accent", "color.paper-raised"],
  ["color.accent-deep", "color.accent-wash"],
  ["color.ink", "color.accent-wash"],
  ["color.on-accent", "color.accent"],
  ["color.good", "color.paper"],
  ["color.caution", "color.paper"],
  ["map.label", "map.label-halo"],
  ["map.label-soft", "map.label-halo"],
  ["map.water-label", "map.label-halo"],
  ["map.park-label", "map.label-halo"],
  ["map.place", "map.land"],
];

/** Relative luminance of `#rrggbb` (WCAG 2.2, "relative luminance"). */
function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrastRatio(first, second) {
  const [darker, lighter] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** One sentence for each pair of a resolved theme that falls below the threshold. */
export function unreadablePairs(themeName, theme, threshold) {
  return READABLE_PAIRS.flatMap(([text, ground]) => {
    const ratio = contrastRatio(theme[text], theme[ground]);
    if (ratio >= threshold) return [];
    return [`${themeName}: ${text} on ${ground} is ${ratio.toFixed(2)}, less than ${threshold}`];
  });
}
