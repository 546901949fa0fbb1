// Builds everything that is made of tokens: CSS variables, the Tailwind theme, map styles.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { unreadablePairs } from "./contrast.js";
import { mapStyle } from "./map-style.js";
import { readTokens, resolve } from "./tokens.js";

const THEMES = ["light", "dark"];
const root = new URL("../", import.meta.url);
const primitives = readTokens(new URL("src/tokens.json", root));
const themes = Object.fromEntries(
  THEMES.map((name) => [
    name,
    resolve(readTokens(new URL(`src/themes/${name}.json`, root)), primitives),
  ]),
);

const settings = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const threshold = Number(process.env.CONTRAST_THRESHOLD ?? settings.contrastThreshold);
const unreadable = THEMES.flatMap((name) => unreadablePairs(name, themes[name], threshold));
if (unreadable.length > 0) {
  console.error(unreadable.join("\n"));
  process.exit(1);
}

/** The tokens below one branch, as `[shortName, value]`. */
function branch(flat, prefix) {
  return Object.entries(flat)
    .filter(([name]) => name.startsWith(`${prefix}.`))
    .map(([name, value]) => [name.slice(prefix.length + 1), value]);
}

function colourVariables(themeName, indent) {
  return branch(themes[themeName], "color")
    .map(([name, value]) => `${indent}--tone-${name}: ${value};`)
    .join("\n");
}

// A person's own choice (data-theme) beats what the system prefers.
const variables = `/* Built from the design tokens; edit those instead. */
:root {
  color-scheme: light;
${colourVariables("light", "  ")}
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {
    color-scheme: dark;
${colourVariables("dark", "    ")}
  }
}
:root[data-theme="dark"] {
  color-scheme: dark;
${colourVariables("dark", "  ")}
}
`;

// "inline" makes each utility carry the variable itself, so one class serves both themes.
const tailwindTheme = `/* Built from the design tokens; edit those instead. */
@theme inline {
${branch(themes.light, "color")
  .map(([name]) => `  --color-${name}: var(--tone-${name});`)
  .join("\n")}
${["font", "radius", "shadow"]
  .flatMap((kind) =>
    branch(primitives, kind).map(([name, value]) => `  --${kind}-${name}: ${value};`),
  )
  .join("\n")}
}
`;

function write(path, text) {
  const file = new URL(`dist/${path}`, root);
  mkdirSync(new URL("./", file), { recursive: true });
  writeFileSync(file, text);
}

write("css/variables.css", variables);
write("tailwind/theme.css", tailwindTheme);
write("themes.json", `${JSON.stringify(themes, null, 2)}\n`);
for (const name of THEMES) {
  const colours = Object.fromEntries(branch(themes[name], "map"));
  write(`map/${name}.json`, `${JSON.stringify(mapStyle(name, colours))}\n`);
}
