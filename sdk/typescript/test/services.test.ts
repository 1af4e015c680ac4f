// The client against services that run, with the demo in their database: `cargo xtask test journey`.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createAppClient, createCrmClient, memoryStore, outcome, type Outcome, type StreamEvent } from "../src/index.js";

const [app, crm] = ["TRYZORE_APP_API", "TRYZORE_CRM_API"].map((name) => {
  const address = process.env[name];
  if (!address) throw new Error(`${name} is not set: the address of a service that runs`);
  return address;
}) as [string, string];
const who = { email: "client@demo.com", password: "tryzore-demo" };

/** The data, or what went wrong. */
function data<T>(told: Outcome<T>): T {
  assert.ok(told.ok, told.ok ? "" : JSON.stringify(told.failure));
  return told.data;
}

/** Answers that are still to be lost on their way here. */
let toLose = 0;
const sent: Request[] = [];
const recorded = (async (input: string | URL | Request, init?: RequestInit) => {
  const request = new Request(input, init);
  sent.push(request.clone());
  const answer = await fetch(request);
  if (request.method === "POST" && toLose > 0) {
    toLose -= 1;
    await answer.body?.cancel();
    throw new TypeError("the answer was lost");
  }
  return answer;
}) as typeof fetch;
const refreshes = () => sent.filter((request) => request.url.endsWith("/auth/refresh")).length;

const store = memoryStore();
const { api, session, follow } = createAppClient({ baseUrl: app, store, fetch: recorded });
const stopped = new AbortController();
after(() => stopped.abort());

test("a wrong password is said as such", async () => {
  const told = await outcome(api.POST("/api/v1/auth/login", { body: { ...who, password: "another one" } }));
  assert.ok(!told.ok && told.failure.kind === "unauthenticated", JSON.stringify(told));
});

test("a client signs in", async () => {
  await session.signedIn(data(await outcome(api.POST("/api/v1/auth/login", { body: who }))));
  data(await outcome(api.GET("/api/v1/auth/me")));
});

test("an expired token is renewed once for many", async () => {
  const tokens = await store.load();
  assert.ok(tokens);
  await store.save({ ...tokens, access_token: `${tokens.access_token.slice(0, -6)}AAAAAA` });
  const before = refreshes();
  const told = await Promise.all(Array.from({ length: 8 }, () => outcome(api.GET("/api/v1/bookings"))));
  told.forEach(data);
  assert.equal(refreshes(), before + 1);
});

test("a field that does not hold is named", async () => {
  const told = await outcome(api.GET("/api/v1/bookings", { params: { query: { limit: 0 } } }));
  assert.ok(!told.ok && told.failure.kind === "invalid", JSON.stringify(told));
  assert.equal(told.failure.errors[0]?.pointer, "limit");
});

test("what is not there is not found", async () => {
  const path = { event_id: `evt_${"0".repeat(32)}` };
  const told = await outcome(api.GET("/api/v1/events/{event_id}", { params: { path } }));
  assert.ok(!told.ok && told.failure.kind === "not_found", JSON.stringify(told));
});

test("a client books once though the answer is lost, is refused, cancels, and hears of it", { timeout: 60_000 }, async () => {
  const day = 86_400_000;
  const at = (days: number) => new Date(Date.now() + days * day).toISOString().replace(/\.\d+/, "");
  const query = { from: at(2), to: at(12), limit: 200 };
  const listed = data(await outcome(api.GET("/api/v1/events", { params: { query } })));

  // The line is open before anything happens.
  const heard: StreamEvent[] = [];
  let opened = () => {};
  const open = new Promise<void>((resolve) => (opened = resolve));
  let wake = () => {};
  const listening = (async () => {
    for await (const event of follow({ signal: stopped.signal, onOpen: () => opened() })) {
      heard.push(event);
      wake();
    }
  })();
  await open;
  const hears = async (about: string, after = 0) => {
    while (!heard.slice(after).some((event) => JSON.stringify(event.data).includes(about))) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  let booked: { event_id: string; booking_id: string } | undefined;
  for (const event of listed.data) {
    const path = { event_id: event.id };
    toLose = 1;
    const told = await outcome(api.POST("/api/v1/events/{event_id}/book", { params: { path } }));
    toLose = 0;
    // Some are full, or too far ahead to be booked; one is not.
    if (!told.ok && told.failure.kind === "denied") continue;
    booked = { event_id: event.id, booking_id: data(told).id };
    assert.ok(told.ok && told.response.headers.has("idempotent-replayed"), "the lost answer came again");
    break;
  }
  assert.ok(booked, "there is an event to book");
  const bare = (id: string) => id.replace(/^[a-z]+_/, "");
  await hears(bare(booked.booking_id));

  const path = { event_id: booked.event_id };
  const again = await outcome(api.POST("/api/v1/events/{event_id}/book", { params: { path } }));
  assert.ok(!again.ok && again.failure.kind === "denied", JSON.stringify(again));
  assert.ok(again.failure.denial.because.length > 0, "a refusal says why");

  const from = heard.at(-1)?.id ?? "";
  const before = heard.length;
  data(await outcome(api.DELETE("/api/v1/events/{event_id}/bookings/{booking_id}", { params: { path: booked } })));
  await hears(bare(booked.booking_id), before);
  stopped.abort();
  await listening;

  // Whoever was away hears of it when they are back.
  const back = new AbortController();
  for await (const event of follow({ signal: back.signal, lastEventId: from })) {
    assert.ok(BigInt(event.id) > BigInt(from));
    if (JSON.stringify(event.data).includes(bare(booked.booking_id))) break;
  }
  back.abort();
});

test("an owner reads the list of clients page by page", async () => {
  const owner = createCrmClient({ baseUrl: crm });
  const body = { email: "owner@demo.com", password: "tryzore-demo" };
  await owner.session.signedIn(data(await outcome(owner.api.POST("/api/v1/auth/login", { body }))));
  const seen = new Set<string>();
  let cursor: string | null | undefined;
  for (let page = 0; page < 3; page += 1) {
    const query = { limit: 5, ...(cursor ? { cursor } : {}) };
    const listed = data(await outcome(owner.api.GET("/api/v1/clients", { params: { query } })));
    listed.data.forEach((client) => seen.add(client.id));
    cursor = listed.next_cursor;
  }
  assert.equal(seen.size, 15);
});

test("who signs out is nobody", async () => {
  assert.ok((await outcome(api.POST("/api/v1/auth/logout"))).ok);
  await session.signedOut();
  const told = await outcome(api.GET("/api/v1/bookings"));
  assert.ok(!told.ok && told.failure.kind === "unauthenticated", JSON.stringify(told));
});
