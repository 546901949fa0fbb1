// An answer that is not the one hoped for: the server's error shape, and what the page adds to it.

export interface FieldProblem {
  field?: string;
  code?: string;
  message?: string;
}

interface ProblemParts {
  code: string;
  message: string;
  status?: number;
  traceId?: string | undefined;
  fields?: FieldProblem[];
  retryAfterSeconds?: number | undefined;
}

/** Code of a request that never reached the server. */
export const UNREACHABLE = "no_answer";
/** Code of an answer that does not have the shape agreed on. */
export const UNEXPECTED = "unexpected_answer";

export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly traceId: string | undefined;
  readonly fields: FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(parts: ProblemParts, options?: ErrorOptions) {
    super(parts.message, options);
    this.name = "Problem";
    this.code = parts.code;
    this.status = parts.status ?? 0;
    this.traceId = parts.traceId;
    this.fields = parts.fields ?? [];
    this.retryAfterSeconds = parts.retryAfterSeconds;
  }

  /** True for the code itself and for a detail that carries it. */
  says(code: string): boolean {
    return this.code === code || this.fields.some((field) => field.code === code);
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Problem({ code: UNEXPECTED, message }, { cause: error });
}

/** Seconds named by a `Retry-After` header; dates are not used by this server. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const value = headers.get("Retry-After");
  const seconds = value === null ? Number.NaN : Number(value);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** Reads an error answer; whatever its body, the result is a Problem. */
export async function readProblem(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => null);
  const known = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  return new Problem({
    code: typeof known.code === "string" ? known.code : UNEXPECTED,
    message: typeof known.message === "string" ? known.message : response.statusText,
    status: response.status,
    traceId: response.headers.get("Trace-Id") ?? undefined,
    fields: fieldsOf(known.details),
    retryAfterSeconds: retryAfterSeconds(response.headers),
  });
}

function fieldsOf(details: unknown): FieldProblem[] {
  if (Array.isArray(details)) return details as FieldProblem[];
  return typeof details === "object" && details !== null ? [details as FieldProblem] : [];
}
