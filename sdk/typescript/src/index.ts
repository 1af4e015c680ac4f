export { createAppClient, createCrmClient, type ClientOptions, type TryZore } from "./client.js";
export { failureOf, outcome, type Denial, type Failure, type FieldError, type Outcome, type Problem } from "./failure.js";
export { memoryStore, Session, type Exclusive, type Refresh, type Tokens, type TokenStore } from "./session.js";
export { follow, StreamRefused, type FollowOptions, type StreamEvent } from "./stream.js";
export { patience, transport, type Patience, type TransportOptions } from "./transport.js";
export type * as App from "./generated/app-api.js";
export type * as Crm from "./generated/crm-api.js";
