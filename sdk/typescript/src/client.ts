import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { paths as AppPaths } from "./generated/app-api.js";
import type { paths as CrmPaths } from "./generated/crm-api.js";
import { appIdempotent, appPublic, crmIdempotent, crmPublic } from "./generated/operations.js";
import { memoryStore, Session, type Exclusive, type Refresh, type Tokens, type TokenStore } from "./session.js";
import { follow, type FollowOptions, type StreamEvent } from "./stream.js";
import { patience, transport, type Patience } from "./transport.js";

/** What a client is told. */
export interface ClientOptions {
  /** Where the API is, without a path: `https://api.example.com`. */
  baseUrl: string;
  /** Where the tokens are kept; in memory, when not said. */
  store?: TokenStore;
  /** The device, as it was named at the sign-in: its refresh tokens work from no other. */
  device?: { id?: string; name?: string };
  /** How calls are repeated. */
  patience?: Patience;
  /** Who sends; the platform's own, when not said. */
  fetch?: typeof fetch;
  /** How parties that share the store take turns; by the browser's locks, when not said. */
  exclusive?: Exclusive;
}

/** A client of one of the APIs. */
export interface TryZore<Paths extends object> {
  /** Calls, typed by method and path: `api.GET("/api/v1/bookings")`. */
  api: Client<Paths, `${string}/${string}`>;
  /** Who is signed in. */
  session: Session;
  /** What happens, as it happens. */
  follow(options?: FollowOptions): AsyncGenerator<StreamEvent, void, void>;
}

/** A client of the API for clients and their app. */
export function createAppClient(options: ClientOptions): TryZore<AppPaths> {
  return create<AppPaths>(options, { idempotent: appIdempotent, open: appPublic });
}

/** A client of the API for employees, owners and operators. */
export function createCrmClient(options: ClientOptions): TryZore<CrmPaths> {
  return create<CrmPaths>(options, { idempotent: crmIdempotent, open: crmPublic });
}

const REFRESH = "/api/v1/auth/refresh";
const STREAM = "/api/v1/stream";

/** What is generated about the operations of an API. */
interface Operations {
  /** Those that take an `Idempotency-Key`. */
  idempotent: ReadonlySet<string>;
  /** Those for which nobody has to be signed in. */
  open: ReadonlySet<string>;
}

function create<Paths extends object>(options: ClientOptions, operations: Operations): TryZore<Paths> {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const send = options.fetch ?? fetch;
  const session = new Session(
    options.store ?? memoryStore(),
    refresher(`${baseUrl}${REFRESH}`, options.device, send),
    ...(options.exclusive ? [options.exclusive] : []),
  );
  const anonymous = new WeakSet<Request>();
  const carrier = transport(session, { patience: options.patience ?? patience, send, anonymous });
  const api = createClient<Paths>({ baseUrl, fetch: carrier });
  api.use(preparing(operations, anonymous));
  return { api, session, follow: (how) => follow(carrier, `${baseUrl}${STREAM}`, how) };
}

/** Prepares each call as its operation wants it. */
function preparing({ idempotent, open }: Operations, anonymous: WeakSet<Request>): Middleware {
  return {
    onRequest({ request, schemaPath }) {
      const operation = `${request.method} ${schemaPath}`;
      // With a key, unless the caller has given one, it is done once, however often it is sent.
      if (idempotent.has(operation) && !request.headers.has("idempotency-key")) {
        request.headers.set("idempotency-key", crypto.randomUUID());
      }
      if (open.has(operation)) anonymous.add(request);
      return request;
    },
  };
}

/** For how long a lost refresh is repeated: less than the 10 seconds for which the services answer the same tokens. */
const REPEAT_WITHIN_MS = 5000;

/**
 * Requests the next tokens. If the answer is lost, the request is sent once more, and the same device gets the same
 * tokens. It is not repeated later: a refresh token that is used twice ends the session.
 */
function refresher(url: string, device: ClientOptions["device"], send: typeof fetch): Refresh {
  const request = async (body: string): Promise<{ status: number; tokens?: Tokens }> => {
    const answer = await send(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return answer.ok ? { status: answer.status, tokens: (await answer.json()) as Tokens } : { status: answer.status };
  };
  return async (refresh_token) => {
    const body = JSON.stringify({ refresh_token, ...(device ? { device } : {}) });
    const started = Date.now();
    const { status, tokens } = await request(body).catch((lost: unknown) => {
      if (Date.now() - started > REPEAT_WITHIN_MS) throw lost;
      return request(body);
    });
    if (tokens) return tokens;
    if (status === 401) return "ended";
    throw new Error(`the tokens could not be renewed: ${status}`);
  };
}
