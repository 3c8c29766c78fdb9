import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openCache, type Cache } from "../../src/cache/cache.ts";
import { takeLock } from "../../src/cache/lock.ts";
import { beginRun, endRun, NOTHING_MOVED, noteStep } from "../../src/cache/runs.ts";
import { barsFrom } from "../support/bars.ts";
import { writeDay } from "../support/cache-days.ts";
import { tempCache } from "../support/temp-cache.ts";
import { serve, serveContext } from "./support.ts";

/** Reads events as a page does: `next` waits for the first one of a name. */
function listening(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const next = async (name: string): Promise<unknown> => {
    for (;;) {
      const found = new RegExp(`event: ${name}\ndata: (.*)\n\n`).exec(text);
      if (found !== null) {
        text = text.slice(found.index + found[0].length);
        return JSON.parse(found[1] ?? "");
      }
      const { value, done } = await reader.read();
      if (done) throw new Error(`the events ended without ${name}`);
      text += decoder.decode(value, { stream: true });
    }
  };
  return { next, end: () => reader.cancel() };
}

function bodyOf({ body }: Response): ReadableStream<Uint8Array> {
  if (body === null) throw new Error("no events");
  return body;
}

test("a page is told of a run of another process as it goes on, and of what it changes", async () => {
  using temp = tempCache();
  const answer = await fetch(`${serve(temp).url}api/events`);
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const events = listening(bodyOf(answer));
  expect(await events.next("run")).toBeNull();

  const other = openCache(temp.dataDir);
  const lock = takeLock(temp.dataDir, "hybrid");
  const id = await beginRun(other, "hybrid", Date.now());
  expect(await events.next("run")).toMatchObject({ id, command: "hybrid", state: "running", step: null });
  await noteStep(other, id, { step: "read files", stepUnit: "files", stepDone: 1, stepTotal: 2 });
  expect(await events.next("run")).toMatchObject({
    step: "read files",
    stepUnit: "files",
    stepDone: 1,
    stepTotal: 2,
  });
  await writeDay(other, {
    date: "2024-11-22",
    blocks: [["I:SPX", barsFrom(Date.UTC(2024, 10, 22, 15), [1])]],
  });
  expect(await events.next("changed")).toEqual({});
  await endRun(other, id, NOTHING_MOVED, { endedAtMs: 2000, error: null });
  lock.release();
  other.close();
  expect(await events.next("run")).toBeNull();
  await events.end();
});

test("a page that is opened later takes nothing from those that are there", async () => {
  using temp = tempCache();
  const view = serve(temp);
  const lock = takeLock(temp.dataDir, "hybrid");
  const id = await beginRun(temp.cache, "hybrid", Date.now());
  const first = listening(bodyOf(await fetch(`${view.url}api/events`)));
  expect(await first.next("run")).toMatchObject({ id });
  lock.release();
  const second = listening(bodyOf(await fetch(`${view.url}api/events`)));
  expect(await second.next("run")).toBeNull();
  expect(await first.next("run")).toBeNull();
  await Promise.all([first.end(), second.end()]);
});

test("a run that was killed is at work no more, and its row is another one", async () => {
  using temp = tempCache();
  const lock = takeLock(temp.dataDir, "hybrid");
  const id = await beginRun(temp.cache, "hybrid", Date.now());
  const answer = await fetch(`${serve(temp).url}api/events`);
  const events = listening(bodyOf(answer));
  expect(await events.next("run")).toMatchObject({ id });
  lock.release();
  expect(await events.next("run")).toBeNull();
  expect(await events.next("changed")).toEqual({});
  await events.end();
});

test("a cache that cannot be read any more is asked about, and followed again once it can", async () => {
  using temp = tempCache();
  const folder: { cache: Cache | Error } = { cache: temp.cache };
  const view = serveContext({
    get cache() {
      if (folder.cache instanceof Error) throw folder.cache;
      return folder.cache;
    },
    dataDir: temp.dataDir,
  });
  const events = listening(bodyOf(await fetch(`${view.url}api/events`)));
  expect(await events.next("run")).toBeNull();
  folder.cache = new Error("database disk image is malformed");
  expect(await events.next("changed")).toEqual({});
  // One that is opened meanwhile is served all the same.
  const later = listening(bodyOf(await fetch(`${view.url}api/events`)));
  expect(await later.next("run")).toBeNull();
  folder.cache = temp.cache;
  expect(await later.next("changed")).toEqual({});
  await Promise.all([events.end(), later.end()]);
});

test("a lock that cannot be looked at ends no line", async () => {
  using temp = tempCache();
  await beginRun(temp.cache, "hybrid", Date.now());
  mkdirSync(join(temp.dataDir, "massive.lock"));
  const answer = await fetch(`${serve(temp).url}api/events`);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const events = listening(bodyOf(answer));
  expect(await events.next("run")).toBeNull();
  await events.end();
});
