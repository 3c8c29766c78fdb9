import { join } from "node:path";
import { CACHE_FILE, explain } from "../cache/cache.ts";
import { BackfillError, errorText } from "../core/errors.ts";
import type { Asset } from "./asset.ts";
import { bars } from "./api/bars.ts";
import type { ViewContext } from "./api/context.ts";
import { coverage } from "./api/coverage.ts";
import { outbox } from "./api/outbox.ts";
import { overview } from "./api/overview.ts";
import { runs } from "./api/runs.ts";
import { ChangeEvents } from "./events.ts";
import { plainAnswer, refusalOf, SAFETY_HEADERS } from "./guard.ts";

/** A page that is served. */
export interface ServedView {
  readonly url: string;
  stop(): Promise<void>;
}

type Answer = (context: ViewContext, query: URLSearchParams) => object;

const ANSWERS: Readonly<Record<string, Answer>> = {
  "/api/overview": overview,
  "/api/status": coverage,
  "/api/bars": bars,
  "/api/outbox": outbox,
  "/api/runs": runs,
};

const SCHEMA_VERSION = 1;

/**
 * Serves the page and its data to the browser of this machine, on `port` of 127.0.0.1 (0: any that is free). Nothing that is
 * served can change anything.
 * @throws BackfillError (usage) if the port is taken or not to be had.
 */
export function serveView(
  context: ViewContext,
  assets: Readonly<Record<string, Asset>>,
  port: number,
): ServedView {
  const events = new ChangeEvents(context);
  const server = listen(port, (request, ownPort) => {
    const refusal = refusalOf(request, ownPort);
    if (refusal !== null) return refusal;
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/api/events") return events.listen();
    const asset = Object.hasOwn(assets, pathname) ? assets[pathname] : undefined;
    if (asset !== undefined)
      return new Response(asset.body, { headers: { ...SAFETY_HEADERS, "content-type": asset.type } });
    const answer = Object.hasOwn(ANSWERS, pathname) ? ANSWERS[pathname] : undefined;
    return answer === undefined
      ? plainAnswer(404, "Nothing is here.")
      : answered(answer, context, searchParams);
  });
  return {
    url: `http://127.0.0.1:${server.port}/`,
    async stop() {
      events.close();
      await server.stop(true);
    },
  };
}

/** What an answer of the cache comes to; a question that cannot be answered is one for the page to show. */
function answered(answer: Answer, context: ViewContext, query: URLSearchParams): Response {
  try {
    return json(200, answer(context, query));
  } catch (error) {
    return failed(explain(error, join(context.dataDir, CACHE_FILE)));
  }
}

function failed(error: unknown): Response {
  if (!(error instanceof BackfillError))
    return json(500, { error: errorText(error), hint: "This is a bug." });
  const status = error.kind === "usage" ? 400 : 500;
  return json(status, { error: error.message, hint: error.nextStep });
}

function json(status: number, body: object): Response {
  return new Response(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...body }), {
    status,
    headers: { ...SAFETY_HEADERS, "content-type": "application/json; charset=utf-8" },
  });
}

function listen(
  port: number,
  answer: (request: Request, port: number) => Response,
): { readonly port: number; stop(now: boolean): Promise<void> } {
  try {
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port,
      // Else another one on the same port would take turns with this one.
      reusePort: false,
      // A page that waits for events says nothing for long.
      idleTimeout: 0,
      // Else an error would be answered with the source around it.
      development: false,
      error: failed,
      fetch: (request, { port: ownPort = port }) => answer(request, ownPort),
    });
    return { port: server.port ?? port, stop: (now) => server.stop(now) };
  } catch (error) {
    throw new BackfillError({
      kind: "usage",
      operation: `serve the page on port ${port}`,
      reason: errorText(error),
      nextStep: "Choose another --port, or leave it out for one that is free.",
      cause: error,
    });
  }
}
