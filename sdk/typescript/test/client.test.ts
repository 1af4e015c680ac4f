// The client by itself, against services that are made up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAppClient, failureOf, follow, memoryStore, outcome, StreamRefused, type ClientOptions } from "../src/index.js";

const BASE = "http://services.test";
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
const problem = (status: number, code: string, more: object = {}) =>
  json(status, { status, code, title: code, detail: code, ...more }, {});

/** A client whose calls are answered by `answer`, and what it sent. */
function client(answer: (request: Request) => Response | Promise<Response>, options: Partial<ClientOptions> = {}) {
  const sent: Request[] = [];
  const fetching = (async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    sent.push(request.clone());
    return answer(request);
  }) as typeof fetch;
  const patience = { retries: 2, firstWaitMs: 1, longestWaitMs: 50 };
  return { sent, ...createAppClient({ baseUrl: `${BASE}/`, fetch: fetching, patience, ...options }) };
}

const tokens = (n: number) => ({ access_token: `access-${n}`, refresh_token: `refresh-${n}` });

test("however many calls find the token expired, one refreshes and all go on", async () => {
  const { sent, api } = client(
    async (request) => {
      if (request.url.endsWith("/auth/refresh")) {
        assert.deepEqual(await request.json(), { refresh_token: "refresh-1", device: { id: "phone" } });
        return json(200, tokens(2));
      }
      const fresh = request.headers.get("authorization") === "Bearer access-2";
      return fresh ? json(200, { data: [] }) : problem(401, "auth.token.expired");
    },
    { store: memoryStore(tokens(1)), device: { id: "phone" } },
  );
  const answers = await Promise.all(Array.from({ length: 20 }, () => outcome(api.GET("/api/v1/bookings"))));
  assert.ok(answers.every((answer) => answer.ok));
  assert.equal(sent.filter((request) => request.url.endsWith("/auth/refresh")).length, 1);
});

test("a session that is over is forgotten, and the caller is told", async () => {
  const store = memoryStore(tokens(1));
  const { sent, api } = client(() => problem(401, "auth.refresh.reused"), { store });
  const told = await outcome(api.GET("/api/v1/bookings"));
  assert.ok(!told.ok && told.failure.kind === "unauthenticated");
  assert.equal(await store.load(), undefined);
  assert.equal(sent.length, 2);
});

test("a refresh whose answer is lost is sent once more, and not again", async () => {
  for (const lost of [1, 2]) {
    const store = memoryStore(tokens(1));
    const bodies: unknown[] = [];
    const { api } = client(
      async (request) => {
        if (!request.url.endsWith("/auth/refresh")) {
          const fresh = request.headers.get("authorization") === "Bearer access-2";
          return fresh ? json(200, { data: [] }) : problem(401, "auth.token.expired");
        }
        bodies.push(await request.json());
        if (bodies.length <= lost) throw new TypeError("the connection was lost");
        return json(200, tokens(2));
      },
      { store },
    );
    const answer = await outcome(api.GET("/api/v1/bookings"));
    assert.deepEqual(bodies, [{ refresh_token: "refresh-1" }, { refresh_token: "refresh-1" }]);
    assert.equal(answer.ok, lost === 1);
    assert.deepEqual(await store.load(), tokens(lost === 1 ? 2 : 1));
  }
});

test("a refresh that fails for now keeps the session", async () => {
  const store = memoryStore(tokens(1));
  const { api } = client(
    (request) => (request.url.endsWith("/auth/refresh") ? problem(503, "unavailable") : problem(401, "auth.token.expired")),
    { store },
  );
  const told = await outcome(api.GET("/api/v1/bookings"));
  assert.ok(!told.ok && told.failure.kind === "unreachable");
  assert.deepEqual(await store.load(), tokens(1));
});

test("a wrong password refreshes nothing and is sent once, whoever is signed in", async () => {
  const { sent, api } = client(() => problem(401, "auth.login.rejected"), { store: memoryStore(tokens(1)) });
  const told = await outcome(api.POST("/api/v1/auth/login", { body: { email: "a@example.com", password: "x" } }));
  assert.ok(!told.ok && told.failure.kind === "unauthenticated" && told.failure.code === "auth.login.rejected");
  assert.equal(sent.length, 1);
  assert.equal(sent[0]?.headers.get("authorization"), null);
});

test("what can be repeated is, with one key; what cannot is not", async () => {
  const lost = client(() => {
    throw new TypeError("the line was cut");
  });
  const booked = await outcome(lost.api.POST("/api/v1/events/{event_id}/book", { params: { path: { event_id: "evt_1" } } }));
  assert.ok(!booked.ok && booked.failure.kind === "unreachable");
  assert.equal(lost.sent.length, 3);
  const keys = new Set(lost.sent.map((request) => request.headers.get("idempotency-key")));
  assert.ok(keys.size === 1 && !keys.has(null));
  lost.sent.length = 0;
  await outcome(lost.api.DELETE("/api/v1/events/{event_id}/waitlist", { params: { path: { event_id: "evt_1" } } }));
  assert.equal(lost.sent.length, 1);
});

test("Retry-After is kept to, up to the longest wait", async () => {
  let calls = 0;
  const busy = client(() => (++calls === 1 ? json(503, {}, { "retry-after": "0" }) : json(200, { data: [] })));
  assert.ok((await outcome(busy.api.GET("/api/v1/bookings"))).ok);
  assert.equal(calls, 2);
  const often = client(() => json(429, {}, { "retry-after": "7" }));
  const told = await outcome(often.api.GET("/api/v1/bookings"));
  assert.ok(!told.ok && told.failure.kind === "too_often" && told.failure.retryAfter === 7);
  assert.equal(often.sent.length, 1);
});

test("each kind of failure has what belongs to it", () => {
  const of = (status: number, more: object = {}) =>
    failureOf(new Response(null, { status }), { status, code: "a.b", title: "t", detail: "d", ...more });
  const denial = { code: "a.b", because: [{ fact: "event.spots_free", value: 0 }] };
  const denied = of(409, { denial });
  assert.ok(denied.kind === "denied" && denied.denial.because[0]?.value === 0);
  const invalid = of(422, { errors: [{ pointer: "/limit", detail: "too small" }] });
  assert.ok(invalid.kind === "invalid" && invalid.errors[0]?.pointer === "/limit");
  assert.equal(of(422, { denial }).kind, "denied");
  assert.equal(of(403).kind, "failed");
  assert.equal(of(404).kind, "not_found");
  assert.equal(of(412).kind, "stale");
  assert.equal(of(428).kind, "stale");
  assert.equal(of(503).kind, "unavailable");
  const proxy = failureOf(new Response(null, { status: 502, statusText: "Bad Gateway" }), "<html>");
  assert.ok(proxy.kind === "failed" && proxy.code === "unknown" && proxy.problem.title === "Bad Gateway");
});

test("a stream that is cut goes on after the last event, and one that is refused ends", async () => {
  const asked: (string | null)[] = [];
  const bytes = new TextEncoder().encode('retry: 1\n\n: still there\n\nid: 7\nevent: booking.made\ndata: {"who":"Zoë"}\n\n');
  const send = async (request: Request) => {
    asked.push(request.headers.get("last-event-id"));
    if (asked.length > 2) return problem(401, "auth.session.ended");
    // One byte at a time: a letter of two bytes comes in two pieces.
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const seen: unknown[] = [];
  await assert.rejects(
    async () => {
      for await (const event of follow(send, `${BASE}/api/v1/stream`, { lastEventId: "3", firstWaitMs: 1 })) seen.push(event);
    },
    (error) => error instanceof StreamRefused && error.failure.kind === "unauthenticated",
  );
  assert.deepEqual(asked, ["3", "7", "7"]);
  assert.deepEqual(seen[0], { id: "7", event: "booking.made", data: { who: "Zoë" } });
  assert.equal(seen.length, 2);
});

test("whoever stops following closes the line", async () => {
  let closed = false;
  const send = async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("id: 1\ndata: 1\n\n")),
      cancel: () => void (closed = true),
    });
    return new Response(body);
  };
  for await (const event of follow(send, `${BASE}/api/v1/stream`)) {
    assert.equal(event.data, 1);
    break;
  }
  assert.ok(closed);
});
