import { setImmediate } from "node:timers/promises";
import { batchBars } from "../../cache/bars.ts";
import { contentHash } from "../../cache/content-hash.ts";
import { findBatch } from "../../cache/batches.ts";
import { distrustDerived } from "../../cache/derivations.ts";
import { markUnread } from "../../cache/mark-unread.ts";
import { markBatchUnsynced } from "../../cache/outbox.ts";
import { forgottenBars } from "../../cache/removed-bars.ts";
import { dateOfEpochDay } from "../../core/dates.ts";
import { formatCount, plural } from "../../core/format.ts";
import type { Task } from "../../core/progress.ts";
import { timeframeName } from "../../core/timeframes.ts";
import type { PostgresConnection } from "../../postgres/connect.ts";
import { differingRows, heldTimestamps, type DifferingRow } from "../../postgres/differing-rows.ts";
import { digestOf, heldBars } from "../../postgres/held-bars.ts";
import type { HeldTable } from "../../postgres/table.ts";
import { tableName } from "../../postgres/target.ts";
import { inTransaction } from "../../postgres/transaction.ts";
import type { RunContext } from "../context.ts";
import { minuteText } from "./bar-text.ts";
import type { Findings } from "./findings.ts";
import { groupsOf, rangeOf, textOf, type ComparedDay, type SyncedDay } from "./target-days.ts";

/** A day of one symbol has no more minutes. */
const MOST_ROWS = 2000;

/** What the days are compared with. */
interface Place {
  readonly connection: PostgresConnection;
  readonly table: HeldTable;
  readonly targetId: number;
  readonly findings: Findings;
  readonly repair: boolean;
}

/** Compares days with the table, a group at a time, and tells what differs. */
export class TargetComparison {
  readonly #context: RunContext;
  readonly #place: Place;
  /** Rows of others between the cache's. */
  #foreignRows = 0;
  #repaired = 0;
  #overtaken = 0;
  #unread = 0;

  constructor(context: RunContext, place: Place) {
    this.#context = context;
    this.#place = place;
  }

  async run(days: readonly SyncedDay[]): Promise<void> {
    const { progress, signal } = this.#context;
    const { findings, table } = this.#place;
    const total = days.reduce((sum, { batch }) => sum + batch.barCount, 0);
    const task = progress.task({ label: "compare with Postgres", total, unit: "bars" });
    for (const group of groupsOf(days)) {
      signal.throwIfAborted();
      await this.#compare(group, task);
    }
    task.done();
    if (this.#foreignRows > 0)
      findings.note(
        `${plural(this.#foreignRows, "row")} between them that this cache never wrote: sync leaves them alone.`,
      );
    if (this.#overtaken > 0)
      findings.note(`${plural(this.#overtaken, "day")} changed while they were looked at, so not compared.`);
    if (table.roundedColumns.length > 0)
      findings.note(`Compared as the table rounds them: ${table.roundedColumns.join(", ")}.`);
    if (this.#unread > 0)
      findings.note(
        `Marked ${plural(this.#unread, "day")} as not read: the next hybrid over them reads them again.`,
      );
    if (this.#repaired > 0)
      findings.note(`Made ${plural(this.#repaired, "day")} unsynced: the next sync mends them.`);
  }

  async #compare(group: readonly SyncedDay[], task: Task): Promise<void> {
    const { connection, table } = this.#place;
    const days: ComparedDay[] = [];
    for (const day of group) {
      const bars = batchBars(this.#context.cache, day.batch);
      days.push({
        ...day,
        bars,
        range: rangeOf(day, bars),
        forgotten: forgottenBars(this.#context.cache, this.#place.targetId, day.batch),
      });
      await setImmediate();
    }
    const operation = `compare with ${connection.name} ${tableName(table.target)}`;
    await inTransaction(connection, operation, async () => {
      const withBars = days.filter(({ range }) => range !== null);
      const held = await heldBars(
        connection,
        table,
        withBars.flatMap(({ range }) => range ?? []),
      );
      for (const [index, day] of withBars.entries()) {
        const { rows = 0, digest = null } = held[index] ?? {};
        const isEqual = rows === day.bars.length && digest === digestOf(textOf(day, table));
        if (!isEqual || day.forgotten.length > 0) await this.#compareRows(day);
      }
      for (const day of days)
        if (day.range === null && day.forgotten.length > 0) await this.#compareRows(day);
    });
    const { findings } = this.#place;
    findings.looked("days", days.length);
    findings.looked(
      "bars",
      days.reduce((sum, { bars }) => sum + bars.length, 0),
    );
    task.advance(group.reduce((sum, { batch }) => sum + batch.barCount, 0));
  }

  async #compareRows(day: ComparedDay): Promise<void> {
    const { connection, table } = this.#place;
    const rows =
      day.range === null ? [] : await differingRows(connection, table, day.range, day.bars, MOST_ROWS);
    const names = { symbol: day.symbol.symbol, timeframe: timeframeName(day.batch.timeframeMinutes) };
    const stillThere =
      day.forgotten.length === 0 ? [] : await heldTimestamps(connection, table, names, day.forgotten);
    const known = new Set(stillThere);
    this.#foreignRows += rows.filter(
      ({ kind, timestamp }) => kind === "extra" && !known.has(timestamp),
    ).length;
    const lacking = rows.filter(({ kind }) => kind === "lacking");
    const different = rows.filter(({ kind }) => kind === "different");
    if (lacking.length + different.length + stillThere.length === 0) return;
    // A run beside us may have brought another revision since we have read the manifest.
    if (this.#isOvertaken(day)) {
      this.#overtaken++;
      return;
    }
    if (day.batch.contentHash !== contentHash(day.bars)) return this.#blameCache(day);
    this.#tell(day, lacking, different, stillThere);
    if (!this.#place.repair) return;
    const { cache } = this.#context;
    await cache.write(() => markBatchUnsynced(cache, this.#place.targetId, day.batch));
    this.#repaired++;
  }

  /** Bars of ours that are not what was written must not be brought to the database. */
  async #blameCache({ symbol, batch }: ComparedDay): Promise<void> {
    const { findings, repair } = this.#place;
    findings.fault({
      kind: "content-hash",
      dataset: symbol.dataset,
      symbol: symbol.symbol,
      date: dateOfEpochDay(batch.epochDay),
      detail:
        "Postgres has other bars, and those of the cache are not what was read: nothing of them is sent",
    });
    if (!repair) return;
    const { cache } = this.#context;
    await cache.write(() => (batch.source === "derived" ? distrustDerived : markUnread)(cache, batch));
    this.#unread++;
  }

  #tell(
    { symbol, batch, bars }: ComparedDay,
    lacking: readonly DifferingRow[],
    different: readonly DifferingRow[],
    stillThere: readonly number[],
  ): void {
    const { findings } = this.#place;
    const date = dateOfEpochDay(batch.epochDay);
    const place = { dataset: symbol.dataset, symbol: symbol.symbol, date };
    const timeframe = batch.source === "derived" ? `${timeframeName(batch.timeframeMinutes)}: ` : "";
    const [firstLacking, firstDifferent, firstExtra] = [lacking[0], different[0], stillThere[0]];
    if (firstLacking !== undefined)
      findings.fault({
        kind: "rows-lacking",
        ...place,
        detail: `${timeframe}${formatCount(lacking.length)} of ${plural(bars.length, "bar")} lack, the first at ${minuteText(firstLacking.timestamp, date)}`,
      });
    if (firstDifferent !== undefined)
      findings.fault({
        kind: "rows-different",
        ...place,
        detail: `${timeframe}${formatCount(different.length)} of ${plural(bars.length, "bar")} differ, the first at ${minuteText(firstDifferent.timestamp, date)}: ${firstDifferent.column} ${firstDifferent.held} in Postgres, ${firstDifferent.expected} in the cache`,
      });
    if (firstExtra !== undefined)
      findings.fault({
        kind: "rows-extra",
        ...place,
        detail: `${timeframe}${plural(stillThere.length, "bar")} too many, the first at ${minuteText(firstExtra, date)}`,
      });
  }

  #isOvertaken({ batch }: ComparedDay): boolean {
    return findBatch(this.#context.cache, batch)?.revision !== batch.revision;
  }
}
