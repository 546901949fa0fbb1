// Turns the generated types of the API into calls: path, parameters, body and answer all checked.
import type { paths } from "./generated";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Operation<Path extends keyof paths, How extends Method> = NonNullable<paths[Path][How]>;

/** The paths that answer to a method. */
type PathOf<How extends Method> = {
  [Path in keyof paths]: paths[Path][How] extends object ? Path : never;
}[keyof paths];

/** What an operation may be given; `undefined` and `never` of the document are left out. */
type Given<Of> = (Of extends { parameters: infer P }
  ? { [K in keyof P as Asked<P, K>]: P[K] }
  : object) &
  (Of extends { requestBody: { content: { "application/json": infer Body } } }
    ? { body: Body }
    : Of extends { requestBody?: { content: { "application/json": infer Body } } }
      ? { body?: Body }
      : object);
type Asked<P, K extends keyof P> = K extends "path" | "query" | "header"
  ? [P[K]] extends [undefined]
    ? never
    : K
  : never;

/** The JSON of an operation's good answer. */
type Said<Of> = Of extends { responses: infer All }
  ? JsonOf<All[keyof All & (200 | 201 | 202)]>
  : never;
type JsonOf<Answer> = Answer extends { content: { "application/json": infer Body } } ? Body : never;

interface Parts {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | null | undefined>;
  header?: Record<string, string | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

export type Call = <How extends Method, Path extends PathOf<How>>(
  method: How,
  path: Path,
  given: Given<Operation<Path, How>> & { signal?: AbortSignal | undefined },
) => Promise<Said<Operation<Path, How>>>;

/** The API at `origin`, asked through `send`, which throws whatever is no good answer. */
export function typedCalls(origin: string, send: (request: Request) => Promise<Response>): Call {
  return async (method, path, given) =>
    (await send(requestOf(origin, method, path, given as Parts))).json();
}

function requestOf(origin: string, method: string, path: string, given: Parts): Request {
  const named = Object.entries(given.path ?? {}).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  );
  const address = new URL(named, origin);
  for (const [name, value] of Object.entries(given.query ?? {}))
    if (value !== undefined && value !== null) address.searchParams.set(name, String(value));
  const headers = new Headers({ Accept: "application/json" });
  for (const [name, value] of Object.entries(given.header ?? {}))
    if (value !== undefined) headers.set(name, value);
  const init: RequestInit = { method: method.toUpperCase(), headers };
  if (given.signal !== undefined) init.signal = given.signal;
  if (given.body !== undefined) {
    headers.set("Content-Type", "application/json");
    init.body = JSON.stringify(given.body);
  }
  return new Request(address, init);
}
