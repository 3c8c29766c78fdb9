import type { Sql } from "postgres";
import { knownSymbolId } from "../../src/cache/symbols.ts";
import { BackfillError } from "../../src/core/errors.ts";
import { trackedSymbol } from "../../src/core/symbols.ts";
import { sync, type SyncResult } from "../../src/workflows/sync.ts";
import type { Moment, StrikeProxy } from "../support/strike-proxy.ts";
import type { TempCache } from "../support/temp-cache.ts";
import { contextOf } from "./run-context.ts";
import { cacheContents, tableContents } from "./sync-contents.ts";
import { TargetModel } from "./sync-model.ts";
import type { Scope, Step, SyncStep, WriteStep } from "./sync-steps.ts";
import { Aborted, symbolOf, timestampOf, writeStep } from "./sync-writes.ts";

/** Where the steps are done. */
export interface Place {
  readonly temp: TempCache;
  /** A connection of its own to the database. */
  readonly sql: Sql;
  /** The way to the database that a sync takes. */
  readonly proxy: StrikeProxy;
  readonly databaseUrl: string;
  /** A table for each target. */
  readonly tables: readonly string[];
  /** What has happened in the steps. */
  readonly met: Set<string>;
}

const MOMENTS: Readonly<Record<"COPY" | "COMMIT" | "answer to COMMIT", Moment>> = {
  COPY: { lost: "sent", text: "COPY " },
  COMMIT: { lost: "sent", text: "COMMIT\0" },
  "answer to COMMIT": { lost: "answered", text: "COMMIT\0" },
};

const COUNTS = ["inserted", "updated", "unchanged", "deleted"] as const;

/** A cache, its targets, and the idea of what each of them should hold. */
export class SyncStage {
  readonly #place: Place;
  readonly #models: readonly TargetModel[];

  constructor(place: Place) {
    this.#place = place;
    this.#models = place.tables.map(() => new TargetModel());
  }

  /** Does a step; returns what was wrong with it. */
  async take(step: Step): Promise<string[]> {
    if (step.kind === "write") return this.#write(step);
    const [table, model] = [this.#place.tables[step.target], this.#models[step.target]];
    if (table === undefined || model === undefined) throw new Error(`there is no target ${step.target}`);
    if (step.kind === "sync") return this.#sync(step, table, model);
    const rows = await tableContents(this.#place.sql, table);
    // An empty table may not be there yet. In one that was emptied a row of others would hide what happened.
    if (rows.size === 0) return [];
    if (step.kind === "empty") {
      await this.#place.sql.unsafe(`TRUNCATE ${table}`);
      model.emptied();
      this.#place.met.add("table emptied");
      return [];
    }
    const { symbol, timeframe, timestamp } = keyForOthers(step);
    const key = `${symbol} ${timeframe} ${timestamp}`;
    if (rows.has(key) || !model.isFreeForOthers(key)) return [];
    await this.#place.sql.unsafe(
      `INSERT INTO ${table} (symbol, timeframe, timestamp, open, high, low, close)
       VALUES ('${symbol}', '${timeframe}', ${timestamp}, ${Array(4).fill(step.price).join(", ")})`,
    );
    this.#place.met.add("row of others");
    return [];
  }

  async #write(step: WriteStep): Promise<string[]> {
    const { cache } = this.#place.temp;
    const before = cacheContents(cache);
    const isAborted = await cache
      .write(() => writeStep(cache, step))
      .then(
        () => false,
        (error: unknown) => {
          if (error instanceof Aborted) return true;
          throw error;
        },
      );
    const after = cacheContents(cache);
    for (const model of this.#models) model.cacheChanged(before, after);
    return isAborted && !Bun.deepEquals(before, after) ? ["an aborted write left something"] : [];
  }

  async #sync(step: SyncStep, table: string, model: TargetModel): Promise<string[]> {
    const { sql, temp } = this.#place;
    const before = await tableContents(sql, table);
    const { result, isCut } = await this.#trySync(step, table);
    const faults = model.afterSync({
      before,
      after: await tableContents(sql, table),
      cache: cacheContents(temp.cache),
      all: step.all,
      isMeant: isMeantBy(step.scope),
      result,
      lostCommit: isCut && step.cut?.at !== "COPY",
    });
    return isCut === (result === null) ? faults : ["a cut sync succeeded, or one failed uncut", ...faults];
  }

  async #trySync(
    { cut, scope, all, batchRows }: SyncStep,
    table: string,
  ): Promise<{ readonly result: SyncResult | null; readonly isCut: boolean }> {
    const { temp, proxy, databaseUrl, met } = this.#place;
    const context = contextOf(temp);
    const settings = { ...context.settings, databaseUrl, table };
    let [isCut, isOver] = [false, false];
    if (cut !== null)
      void proxy.strikeAt({ ...MOMENTS[cut.at], nth: cut.nth }, (struck) => {
        // A moment that this sync did not have is not the next one's.
        if (isOver) return;
        isCut = true;
        met.add(`cut at ${cut.at}`);
        struck.cut();
      });
    try {
      const selection = scope === null ? {} : selectionOf(temp, scope);
      const options = { retryTimeoutMs: 0, all, batchRows, selection };
      const result = await sync({ ...context, settings }, options);
      for (const name of COUNTS) if (result[name] > 0) met.add(name);
      return { result, isCut };
    } catch (error) {
      if (!(error instanceof BackfillError) || error.kind !== "target") throw error;
      return { result: null, isCut };
    } finally {
      isOver = true;
    }
  }
}

function keyForOthers({ where, ticker, date, minute }: Extract<Step, { kind: "others" }>): {
  readonly symbol: string;
  readonly timeframe: string;
  readonly timestamp: number;
} {
  return {
    symbol: where === "another symbol" ? "X:DOGE-USD" : symbolOf(ticker),
    timeframe: where === "another timeframe" ? "5m" : "1m",
    timestamp: timestampOf(date, minute) + (where === "between them" ? 30_000 : 0),
  };
}

function isMeantBy(scope: Scope | null): (batch: string) => boolean {
  if (scope === null) return () => true;
  return (batch) => {
    const [symbol, day] = [batch.split(" ")[0], Number(batch.split(" ")[1])];
    const isOfTicker = scope.ticker === null || symbol === symbolOf(scope.ticker);
    return isOfTicker && day >= scope.fromEpochDay && day <= scope.toEpochDay;
  };
}

function selectionOf({ cache }: TempCache, { ticker, ...days }: Scope) {
  if (ticker === null) return days;
  const id = knownSymbolId(cache, trackedSymbol("crypto", ticker));
  return { ...days, symbolIds: id === null ? [] : [id] };
}
