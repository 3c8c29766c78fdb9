import { expect } from "bun:test";
import { join } from "node:path";
import { differences } from "./bar-lines.ts";
import { expectExit, run, type RunOptions } from "./binary.ts";
import { cachedBars } from "./cache-contents.ts";
import { newDatabase, storedBars } from "./postgres-bars.ts";
import type { TestPostgres } from "./postgres.ts";
import { outboxOf, reviseDays, revisedDates } from "./revised-days.ts";
import { startStrikeProxy, type StrikeProxy } from "./strike-proxy.ts";
import { tempDir, type TempDir } from "./temp-dir.ts";

const SYNC = ["sync", "--batch-rows=2000", "--json"];
/** A sync that gives up at the first outage, in several transactions. */
export const IMPATIENT = [...SYNC, "--retry-timeout=0"];
/** The same, with half a minute of patience. */
export const PATIENT = [...SYNC, "--retry-timeout=30"];
/** What a patient sync says of one outage. */
export const BROKEN_AND_BACK =
  /^\[warn\] [^\n]*: the connection broke\. Trying again for up to 30\.0 s\.\n\[info\] Writing to the database goes on\.\n\[info\] sync to Postgres: [^\n]*\n$/;

/** Days that change each time. */
const DAYS = 5;
export const CHANGED_DATES = revisedDates(0, DAYS);

let databases = 0;

/** A cache that has changed since a database behind a proxy had all of it: corrections, deletes and new days. */
export class ProxiedSync implements AsyncDisposable {
  readonly dir: TempDir;
  readonly proxy: StrikeProxy;
  readonly url: string;
  readonly options: RunOptions;
  #version = 0;

  constructor(dir: TempDir, proxy: StrikeProxy, url: string) {
    this.dir = dir;
    this.proxy = proxy;
    this.url = url;
    this.options = { cwd: dir.path, env: { DATABASE_URL: url } };
  }

  get dataDir(): string {
    return join(this.dir.path, "data");
  }

  /** Corrects and shortens the old days, lets bars come back, and adds twice as many days. */
  async change(): Promise<void> {
    this.#version++;
    const fresh = revisedDates(2 * DAYS * this.#version, 2 * DAYS);
    await reviseDays(this.dataDir, [...CHANGED_DATES, ...fresh], this.#version);
  }

  async expectEqual(): Promise<void> {
    expect(differences(await storedBars(this.url), cachedBars(this.dataDir))).toEqual([]);
    expect(outboxOf(this.dataDir, this.url)).toEqual({ batches: 0, bars: 0, oldestMs: null });
  }

  /** The next sync brings all that is missing. */
  async expectNextCompletes(): Promise<void> {
    expectExit(await run(IMPATIENT, this.options), 0);
    await this.expectEqual();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    this.dir[Symbol.dispose]();
  }
}

/** Makes a database of its own for a cache, brings the cache there through a new proxy, and changes it. */
export async function proxiedSync(postgres: TestPostgres): Promise<ProxiedSync> {
  databases++;
  const proxy = await startStrikeProxy(postgres.port);
  const url = new URL(await newDatabase(postgres, `behind_proxy_${databases}`));
  url.port = String(proxy.port);
  const stage = new ProxiedSync(tempDir(), proxy, url.href);
  await reviseDays(stage.dataDir, CHANGED_DATES, 0);
  await stage.expectNextCompletes();
  await stage.change();
  return stage;
}
