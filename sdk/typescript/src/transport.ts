import { retryAfter } from "./failure.js";
import type { Session } from "./session.js";

/** How a call is repeated. */
export interface Patience {
  /** How often at most, after the first time. */
  retries: number;
  /** What is waited before the first repetition; twice as long before the next. */
  firstWaitMs: number;
  /** More than that is not waited, whatever `Retry-After` says: the caller is told instead. */
  longestWaitMs: number;
}

export const patience: Patience = { retries: 2, firstWaitMs: 300, longestWaitMs: 5_000 };

/** What a transport needs beside the session. */
export interface TransportOptions {
  patience?: Patience;
  /** Who sends. */
  send?: typeof fetch;
  /** Requests for which nobody has to be signed in: a wrong password is no reason to renew a token. */
  anonymous?: WeakSet<Request>;
}

/**
 * A `fetch` that says who calls, renews an access token that has expired, and repeats what can be repeated: what
 * only reads, and what has an `Idempotency-Key`, which is done once however often it is sent.
 */
export function transport(session: Session, options: TransportOptions = {}) {
  const { send = fetch, anonymous } = options;
  const carried = (request: Request) => repeated(request, options.patience ?? patience, send);
  return async (request: Request): Promise<Response> => {
    const token = anonymous?.has(request) ? undefined : await session.accessToken();
    if (token === undefined) return carried(request);
    const answer = await carried(signed(request.clone(), token));
    if (answer.status !== 401) return answer;
    const renewed = await session.renewed(token);
    if (renewed === undefined || renewed === token) return answer;
    await answer.body?.cancel();
    return carried(signed(request, renewed));
  };
}

function signed(request: Request, token: string): Request {
  request.headers.set("authorization", `Bearer ${token}`);
  return request;
}

async function repeated(request: Request, how: Patience, send: typeof fetch): Promise<Response> {
  const repeatable =
    request.method === "GET" || request.method === "HEAD" || request.headers.has("idempotency-key");
  for (let left = repeatable ? how.retries : 0, wait = how.firstWaitMs; ; left -= 1, wait *= 2) {
    let answer: Response | undefined;
    let cause: unknown;
    try {
      answer = await send(left > 0 ? request.clone() : request);
    } catch (error) {
      cause = error;
    }
    const again = answer === undefined || answer.status === 503 || answer.status === 429;
    const asked = answer && retryAfter(answer);
    const pause = asked === undefined ? wait : asked * 1_000;
    if (!again || left <= 0 || request.signal.aborted || pause > how.longestWaitMs) {
      if (answer) return answer;
      throw cause;
    }
    await answer?.body?.cancel();
    await pausing(pause, request.signal);
  }
}

/** Waits; rejects when the call is given up. */
export function pausing(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}
