// Writes the types of the API that the page is written against, from the document the server is held to.
//
//   node page-types.mjs            writes frontend-pwa/src/api/generated.ts
//   node page-types.mjs --check    code 1 where the file is not what would be written

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("../../spec/openapi.json", import.meta.url);
const target = new URL("../../frontend-pwa/src/api/generated.ts", import.meta.url);
const head = "// The API's types, generated from spec/openapi.json by `npm run types`. Do not edit.\n\n";

// A list of exactly two numbers is a pair to TypeScript too; what has a default may be left out.
const tree = await openapiTS(document, { arrayLength: true, defaultNonNullable: false, emptyObjectsUnknown: true, alphabetize: true });
const text = head + astToString(tree);
const known = existsSync(target) ? readFileSync(target, "utf8") : "";
if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (known !== text) {
  console.error("src/api/generated.ts is not what spec/openapi.json says: run `npm run types`");
  process.exit(1);
}
