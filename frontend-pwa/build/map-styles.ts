// Puts the two map styles beside the page, with the addresses of the bundled font files filled in.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const THEMES = ["light", "dark"] as const;
const FONT_REFERENCE = /"font:([a-z0-9-]+)"/g;
const require = createRequire(import.meta.url);

function styleText(theme: string): string {
  const file = new URL(`../../packages/tokens/dist/map/${theme}.json`, import.meta.url);
  return readFileSync(file, "utf8");
}

/** The woff2 file behind a name such as `alegreya-sans-latin-500-normal`. */
function fontFile(name: string): string {
  const family = name.startsWith("alegreya-sans")
    ? "@fontsource/alegreya-sans"
    : "@fontsource-variable/alegreya";
  return require.resolve(`${family}/files/${name}.woff2`);
}

/** Fills in each font's address; what it is, the build and the dev server know. */
function withFonts(theme: string, addressOf: (name: string) => string): string {
  return styleText(theme).replaceAll(FONT_REFERENCE, (_, name: string) =>
    JSON.stringify(addressOf(name)),
  );
}

function fontNames(): Set<string> {
  const matches = THEMES.flatMap((theme) => [...styleText(theme).matchAll(FONT_REFERENCE)]);
  return new Set(matches.map((match) => match[1] ?? ""));
}

/** Emits `styles/light.json` and `styles/dark.json`; their fonts get hashed names like any asset. */
function builtStyles(): Plugin {
  const fonts = new Map<string, string>();
  return {
    name: "wildside-map-styles",
    apply: "build",
    buildStart() {
      for (const name of fontNames()) {
        const source = readFileSync(fontFile(name));
        fonts.set(name, this.emitFile({ type: "asset", name: `${name}.woff2`, source }));
      }
    },
    generateBundle() {
      for (const theme of THEMES) {
        const addressOf = (name: string) => `/${this.getFileName(fonts.get(name) ?? "")}`;
        const source = withFonts(theme, addressOf);
        this.emitFile({ type: "asset", fileName: `styles/${theme}.json`, source });
      }
    },
  };
}

/** While developing, answers `/tiles/style/{theme}.json` itself: a change of tokens shows at once. */
function servedStyles(): Plugin {
  return {
    name: "wildside-map-styles-served",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const theme = /^\/tiles\/style\/(light|dark)\.json/.exec(request.url ?? "")?.[1];
        if (theme === undefined) return next();
        response.setHeader("Content-Type", "application/json");
        response.end(withFonts(theme, (name) => `/@fs${fontFile(name)}`));
      });
    },
  };
}

export function mapStyles(): Plugin[] {
  return [builtStyles(), servedStyles()];
}
