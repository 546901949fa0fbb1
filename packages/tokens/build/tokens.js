// Reads token files: flattens the tree into dotted names and follows `{references}`.
import { readFileSync } from "node:fs";

const REFERENCE = /^\{(.+)\}$/;

/** The tree as `{"palette.ink.900": "#1b2430", …}`. */
export function flatten(tree, prefix = "") {
  return Object.entries(tree).reduce((flat, [name, value]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    const entries = typeof value === "object" ? flatten(value, path) : { [path]: value };
    return Object.assign(flat, entries);
  }, {});
}

/** Replaces each `{dotted.name}` by the primitive it names; an unknown name is an error. */
export function resolve(flat, primitives) {
  const resolved = {};
  for (const [name, value] of Object.entries(flat)) {
    const reference = REFERENCE.exec(value)?.[1];
    if (reference !== undefined && primitives[reference] === undefined) {
      throw new Error(`${name} refers to ${reference}, which no token defines`);
    }
    resolved[name] = reference === undefined ? value : primitives[reference];
  }
  return resolved;
}

/** A token file, flattened. */
export function readTokens(url) {
  return flatten(JSON.parse(readFileSync(url, "utf8")));
}
