import type { Cache } from "../cache/cache.ts";
import { BackfillError } from "../core/errors.ts";
import { runAtWork } from "./api/runs.ts";
import type { ViewContext } from "./api/context.ts";
import { SAFETY_HEADERS } from "./guard.ts";

/** How often the cache is looked at while somebody listens. */
const LOOK_EVERY_MS = 500;
/** A word now and then, so that a line that is cut is noticed. */
const BEAT_EVERY_LOOKS = 30;

type Listener = ReadableStreamDefaultController<Uint8Array>;

/**
 * Tells every open page by server-sent events what another process does with the cache: `run` (the run at work, or null) as
 * it goes on, `changed` when bars or anything else in the cache has changed.
 */
export class ChangeEvents {
  readonly #context: ViewContext;
  readonly #listeners = new Set<Listener>();
  #timer: ReturnType<typeof setInterval> | null = null;
  #cache: Cache | null;
  #version: number;
  #content: string;
  #run = "null";
  #looks = 0;

  constructor(context: ViewContext) {
    this.#context = context;
    this.#cache = this.#presentCache();
    this.#version = dataVersion(this.#cache);
    this.#content = contentMark(this.#cache);
  }

  /** The answer for a page that wants to be told. */
  listen(): Response {
    let own: Listener | null = null;
    const stream = new ReadableStream<Uint8Array>({
      start: (listener) => {
        own = listener;
        // Those who listen already are told of what the new one sees.
        this.#lookAtRun();
        this.#listeners.add(listener);
        listener.enqueue(bytesOf("run", this.#run));
        this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
      },
      cancel: () => {
        if (own !== null) this.#forget(own);
      },
    });
    return new Response(stream, { headers: { ...SAFETY_HEADERS, "content-type": "text/event-stream" } });
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
  }

  #look(): void {
    this.#looks++;
    const cache = this.#presentCache();
    const version = dataVersion(cache);
    const isAtWork = this.#run !== "null";
    // A run that was killed changes nothing any more, so one at work is looked for again each time.
    if (cache !== this.#cache || version !== this.#version || isAtWork) {
      this.#cache = cache;
      this.#version = version;
      this.#lookAtRun();
      const content = contentMark(cache);
      if (content !== this.#content) {
        this.#content = content;
        this.#tell("changed", "{}");
      }
    } else if (this.#looks % BEAT_EVERY_LOOKS === 0) this.#send(new TextEncoder().encode(":\n\n"));
  }

  #lookAtRun(): void {
    const run = this.#presentCache() === null ? "null" : JSON.stringify(runAtWork(this.#context));
    if (run !== this.#run) this.#tell("run", (this.#run = run));
  }

  #tell(event: string, data: string): void {
    this.#send(bytesOf(event, data));
  }

  #send(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener.enqueue(bytes);
  }

  #forget(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Null while there is none that can be looked at: the page asks, and is told why. */
  #presentCache(): Cache | null {
    try {
      return this.#context.cache;
    } catch (error) {
      if (error instanceof BackfillError) return null;
      throw error;
    }
  }
}

/** A number that is another one once another process has written to the file. */
function dataVersion(cache: Cache | null): number {
  const row = cache?.db
    .query<{ version: number }, []>("SELECT data_version AS version FROM pragma_data_version")
    .get();
  return row?.version ?? 0;
}

/** What changes with everything that a page shows besides the progress of a run. */
function contentMark(cache: Cache | null): string {
  const row = cache?.db
    .query<Record<string, unknown>, []>(
      `SELECT (SELECT max(change_number) FROM batches) AS change, (SELECT count(*) FROM symbols) AS symbols,
         (SELECT max(seen_at_ms) FROM day_problems) AS problem, (SELECT count(*) FROM day_problems) AS problems,
         (SELECT max(id) FROM runs) AS run, (SELECT max(ended_at_ms) FROM runs) AS ended,
         (SELECT max(synced_to_change) FROM targets) AS synced, (SELECT max(last_error_ms) FROM targets) AS failed`,
    )
    .get();
  return JSON.stringify(row ?? null);
}

function bytesOf(event: string, data: string): Uint8Array {
  return new TextEncoder().encode(`event: ${event}\ndata: ${data}\n\n`);
}
