// Reads an AsyncAPI document as the official parser does; anything it calls an error or a warning ends with code 1.
//
//   node lint-asyncapi.mjs asyncapi.yaml

import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const [path] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
// Severities: 0 error, 1 warning, 2 information, 3 hint.
const serious = diagnostics.filter((finding) => finding.severity <= 1);
for (const { code, message, path: place } of serious)
  console.error(`${path}: ${place.join(".")}: ${message} (${code})`);
if (document === undefined || serious.length > 0) process.exit(1);
console.log(`${path}: ${document.operations().length} operations, ${document.messages().length} messages, no error`);
