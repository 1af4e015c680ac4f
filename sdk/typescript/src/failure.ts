import type { components } from "./generated/app-api.js";

/** A failure as the services say it (RFC 9457). */
export type Problem = components["schemas"]["Problem"];
/** Why a rule refused: the facts that decided, and what would change the answer. */
export type Denial = components["schemas"]["Denial"];
/** One field that was wrong. */
export type FieldError = components["schemas"]["FieldError"];

/**
 * Why a call has no data. `kind` tells which it is; what belongs to a kind is there without further questions:
 *
 * ```ts
 * if (!outcome.ok) {
 *   switch (outcome.failure.kind) {
 *     case "denied": return outcome.failure.denial.remedy?.text;
 *     case "invalid": return outcome.failure.errors;
 *     ...
 *   }
 * }
 * ```
 */
export type Failure =
  /** A rule or a missing permission refused; `code` says which one. */
  | { kind: "denied"; status: number; code: string; denial: Denial; problem: Problem }
  /** Fields do not hold. */
  | { kind: "invalid"; status: 422; code: string; errors: FieldError[]; problem: Problem }
  /** Nobody is signed in, or no longer. */
  | { kind: "unauthenticated"; status: 401; code: string; denial?: Denial; problem: Problem }
  /** There is none, or it is not the caller's to see. */
  | { kind: "not_found"; status: 404; code: string; problem: Problem }
  /** Someone else changed it since it was read: read it again. */
  | { kind: "stale"; status: 412 | 428; code: string; problem: Problem }
  /** Too often: come back after so many seconds. */
  | { kind: "too_often"; status: 429; code: string; retryAfter: number; problem: Problem }
  /** Come back in a moment. */
  | { kind: "unavailable"; status: 503; code: string; retryAfter: number; problem: Problem }
  /** Any other answer that is no success. */
  | { kind: "failed"; status: number; code: string; problem: Problem }
  /** No answer came. */
  | { kind: "unreachable"; cause: unknown };

/** What a call came to. */
export type Outcome<T> = { ok: true; data: T; response: Response } | { ok: false; failure: Failure };

/** The data of a call of the generated client. */
type DataOf<Call> = Call extends { data: infer Data; error?: never } ? Data : never;

/** Waits for a call of the client; whatever goes wrong is a {@link Failure} and is not thrown. */
export async function outcome<Call extends { data?: unknown; error?: unknown; response: Response }>(
  call: Promise<Call>,
): Promise<Outcome<DataOf<Call>>> {
  let answer: Call;
  try {
    answer = await call;
  } catch (cause) {
    return { ok: false, failure: { kind: "unreachable", cause } };
  }
  if (answer.response.ok) return { ok: true, data: answer.data as DataOf<Call>, response: answer.response };
  return { ok: false, failure: failureOf(answer.response, answer.error) };
}

/** The failure that an answer tells of; `body` is its body, as far as it could be read. */
export function failureOf(response: Response, body: unknown): Failure {
  const { status } = response;
  const problem = isProblem(body) ? body : unspoken(response);
  const common = { code: problem.code, problem };
  switch (status) {
    case 401:
      return { kind: "unauthenticated", status, ...common, ...(problem.denial ? { denial: problem.denial } : {}) };
    case 404:
      return { kind: "not_found", status, ...common };
    case 412:
    case 428:
      return { kind: "stale", status, ...common };
    case 422:
      if (!problem.denial) return { kind: "invalid", status, errors: problem.errors ?? [], ...common };
      break;
    case 429:
      return { kind: "too_often", status, retryAfter: retryAfter(response) ?? 1, ...common };
    case 503:
      return { kind: "unavailable", status, retryAfter: retryAfter(response) ?? 1, ...common };
  }
  if (problem.denial) return { kind: "denied", status, denial: problem.denial, ...common };
  return { kind: "failed", status, ...common };
}

/** The seconds of `Retry-After`, if the answer has it. */
export function retryAfter(response: Response): number | undefined {
  const seconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && typeof (body as { code?: unknown }).code === "string";
}

/** An answer of something between here and the services, which says no problem. */
function unspoken(response: Response): Problem {
  const title = response.statusText || `status ${response.status}`;
  return { status: response.status, code: "unknown", title, detail: title } as Problem;
}
