import { afterEach } from "bun:test";
import type { ViewContext } from "../../src/view/api/context.ts";
import { serveView, type ServedView } from "../../src/view/serve.ts";
import { eveningMs } from "../../src/core/publication.ts";
import type { TempCache } from "../support/temp-cache.ts";

const served: ServedView[] = [];

afterEach(async () => {
  await Promise.all(served.splice(0).map((view) => view.stop()));
});

/** Serves the cache's page, with one file of it, until the test is over. */
export function serve({ cache, dataDir }: TempCache, port = 0): ServedView {
  return serveContext({ cache, dataDir }, port);
}

/** As `serve`, of whatever cache there is when it is asked for. */
export function serveContext(
  of: Pick<ViewContext, "cache" | "dataDir"> & Partial<Pick<ViewContext, "target">>,
  port = 0,
): ServedView {
  const context: ViewContext = {
    get cache() {
      return of.cache;
    },
    dataDir: of.dataDir,
    version: "1.2.3",
    target: of.target ?? null,
    synthetic: false,
    nowMs: () => eveningMs("2024-11-25"),
  };
  const view = serveView(context, { "/": { type: "text/html; charset=utf-8", body: "<p>bars</p>" } }, port);
  served.push(view);
  return view;
}

/** The JSON of an answer, and its status. */
export async function answerOf(view: ServedView, path: string): Promise<readonly [number, unknown]> {
  const answer = await fetch(new URL(path, view.url));
  return [answer.status, await answer.json()];
}
