import { EventSourceParserStream } from "eventsource-parser/stream";
import { failureOf, type Failure } from "./failure.js";
import { pausing } from "./transport.js";

/** Something that happened. */
export interface StreamEvent {
  /** Its position; send it as `lastEventId` to go on after it. */
  id: string;
  /** Its kind, such as `event.changed`. */
  event: string;
  /** What the services say about it. */
  data: unknown;
}

/** How a stream is followed. */
export interface FollowOptions {
  /** Go on after this event; without it, with what happens from now on. */
  lastEventId?: string;
  /** Ends the stream. */
  signal?: AbortSignal;
  /** Called each time that the line is open, also after it had been lost. */
  onOpen?: () => void;
  /** What is waited before a lost line is opened again; twice as long each further time, up to half a minute. */
  firstWaitMs?: number;
}

/** The services do not let this stream be followed; opening it again would not help. */
export class StreamRefused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind === "unreachable" ? "unreachable" : failure.problem.title);
    this.name = "StreamRefused";
  }
}

const LONGEST_WAIT_MS = 30_000;

/**
 * What happens, as it happens. A lost line is opened again and goes on after the last event that came. It is read
 * by `fetch`: a browser's own `EventSource` cannot say who calls.
 */
export async function* follow(
  send: (request: Request) => Promise<Response>,
  url: string,
  options: FollowOptions = {},
): AsyncGenerator<StreamEvent, void, void> {
  const { signal, onOpen, firstWaitMs = 1_000 } = options;
  let last = options.lastEventId;
  let wait = firstWaitMs;
  while (!signal?.aborted) {
    try {
      const headers = new Headers({ accept: "text/event-stream" });
      if (last !== undefined) headers.set("last-event-id", last);
      const answer = await send(new Request(url, { headers, ...(signal ? { signal } : {}) }));
      if (!answer.ok || !answer.body) await refuse(answer);
      else {
        wait = firstWaitMs;
        onOpen?.();
        const parser = new EventSourceParserStream({ onRetry: (ms) => (wait = ms) });
        for await (const message of pieces(answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(parser))) {
          if (message.id !== undefined) last = message.id;
          yield { id: last ?? "", event: message.event ?? "message", data: parsed(message.data) };
        }
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof StreamRefused) throw error;
    }
    await pausing(wait, signal).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

/** Throws unless the stream may be there in a moment. */
async function refuse(answer: Response): Promise<void> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.status < 500 && answer.status !== 429) throw new StreamRefused(failureOf(answer, body));
}

/** Not every browser lets a stream be iterated. */
async function* pieces<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, void> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
