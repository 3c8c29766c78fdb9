import type { Cache } from "../cache/cache.ts";
import { errorText } from "../core/errors.ts";
import { runAtWork } from "./api/runs.ts";
import type { ViewContext } from "./api/context.ts";
import { SAFETY_HEADERS } from "./guard.ts";

/** How often the cache is looked at while somebody listens. */
const LOOK_EVERY_MS = 500;
/** A word now and then, so that a line that is cut is noticed. */
const BEAT_EVERY_LOOKS = 30;

type Listener = ReadableStreamDefaultController<Uint8Array>;

/** What a look at the cache finds. */
interface Look {
  /** The file that is open, and a number that is another one once another process has written to it. */
  readonly cache: Cache | null;
  readonly version: number;
  /** The run at work as JSON, `null` if none is. */
  readonly run: string;
  /** What changes with everything that a page shows besides the progress of a run. */
  readonly content: string;
}

/**
 * Tells every open page by server-sent events what another process does with the cache: `run` (the run at work, or null) as
 * it goes on, `changed` when bars or anything else in the cache has changed.
 */
export class ChangeEvents {
  readonly #context: ViewContext;
  readonly #listeners = new Set<Listener>();
  #timer: ReturnType<typeof setInterval> | null = null;
  #last: Look;
  #looks = 0;

  constructor(context: ViewContext) {
    this.#context = context;
    this.#last = look(context, null);
  }

  /** The answer for a page that wants to be told. */
  listen(): Response {
    let own: Listener | null = null;
    const stream = new ReadableStream<Uint8Array>({
      start: (listener) => {
        own = listener;
        this.#listeners.add(listener);
        const { run } = this.#last;
        // Whatever came since the last look, the new one may have asked before it.
        this.#look(null);
        if (this.#last.run === run) listener.enqueue(bytesOf("run", run));
        this.#timer ??= setInterval(() => this.#beat(), LOOK_EVERY_MS);
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

  #beat(): void {
    this.#looks++;
    this.#look(this.#last);
    if (this.#looks % BEAT_EVERY_LOOKS === 0) this.#send(new TextEncoder().encode(":\n\n"));
  }

  /** Looks at what has changed since `known`, at everything if that is null, and tells it. */
  #look(known: Look | null): void {
    const before = this.#last;
    this.#last = look(this.#context, known);
    const { run, content } = this.#last;
    if (run !== before.run) this.#send(bytesOf("run", run));
    // A run that was killed changes nothing any more, and is shown otherwise all the same.
    if (content !== before.content || (run === "null" && before.run !== "null"))
      this.#send(bytesOf("changed", "{}"));
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
}

/** A cache that cannot be looked at is one more thing that a page asks about, and it is told why. */
function look(context: ViewContext, known: Look | null): Look {
  try {
    const { cache } = context;
    const version = dataVersion(cache);
    const isSame = known !== null && known.cache === cache && known.version === version;
    // A run that was killed writes nothing any more, so one at work is looked for again each time.
    if (isSame && known.run === "null") return known;
    return { cache, version, run: JSON.stringify(runAtWork(context)), content: contentMark(cache) };
  } catch (error) {
    return { cache: null, version: 0, run: "null", content: errorText(error) };
  }
}

function dataVersion({ db }: Cache): number {
  const row = db
    .query<{ version: number }, []>("SELECT data_version AS version FROM pragma_data_version")
    .get();
  return row?.version ?? 0;
}

function contentMark({ db }: Cache): string {
  const row = db
    .query<Record<string, unknown>, []>(
      `SELECT (SELECT max(change_number) FROM batches) AS change, (SELECT count(*) FROM symbols) AS symbols,
         (SELECT max(seen_at_ms) FROM day_problems) AS problem, (SELECT count(*) FROM day_problems) AS problems,
         (SELECT max(id) FROM runs) AS run, (SELECT max(ended_at_ms) FROM runs) AS ended,
         (SELECT max(synced_to_change) FROM targets) AS synced, (SELECT max(last_error_ms) FROM targets) AS failed`,
    )
    .get();
  return JSON.stringify(row);
}

function bytesOf(event: string, data: string): Uint8Array {
  return new TextEncoder().encode(`event: ${event}\ndata: ${data}\n\n`);
}
