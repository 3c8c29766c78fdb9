import type { BatchKey } from "../../cache/bars.ts";
import type { Cache } from "../../cache/cache.ts";
import { distrustDerived } from "../../cache/derivations.ts";
import { renewSummary } from "../../cache/day-series.ts";
import { recountSession } from "../../cache/recount-session.ts";
import { removeStrayBars } from "../../cache/integrity.ts";
import { markUnread } from "../../cache/mark-unread.ts";
import { markDeleted, type FlatFileVersion } from "../../cache/flat-files.ts";
import { symbolId } from "../../cache/symbols.ts";
import type { Dataset } from "../../core/datasets.ts";
import { epochDayOf } from "../../core/dates.ts";
import type { TrackedSymbol } from "../../core/symbols.ts";
import { ONE_MINUTE } from "../../core/timeframes.ts";
import { plural } from "../../core/format.ts";
import type { Findings } from "./findings.ts";

/** What is done about faults with `--repair`; nothing without it. */
export class Repairs {
  readonly #cache: Cache;
  readonly #isWanted: boolean;
  #unreadDays = 0;
  #recountedDays = 0;
  #strayBars = 0;
  #derivedDays = 0;
  #goneFiles = 0;

  constructor(cache: Cache, isWanted: boolean) {
    this.#cache = cache;
    this.#isWanted = isWanted;
  }

  /** Marks a day of a symbol as not read, for the next run to read it. */
  async markUnread(key: BatchKey): Promise<void> {
    if (!this.#isWanted) return;
    await this.#cache.write(() => markUnread(this.#cache, key));
    this.#unreadDays++;
  }

  /** As `markUnread`; a symbol that the cache does not know yet becomes known. */
  async markSymbolUnread(symbol: TrackedSymbol, date: string): Promise<void> {
    if (!this.#isWanted) return;
    await this.#cache.write(() => {
      const id = symbolId(this.#cache, symbol);
      markUnread(this.#cache, { symbolId: id, timeframeMinutes: ONE_MINUTE, epochDay: epochDayOf(date) });
    });
    this.#unreadDays++;
  }

  /** Notes that a flat file is not in the data directory any more. */
  async noteGone(dataset: Dataset, date: string, version: FlatFileVersion): Promise<void> {
    if (!this.#isWanted) return;
    await markDeleted(this.#cache, { ...version, dataset, date });
    this.#goneFiles++;
  }

  /** Corrects what the manifest says of the session, which depends on the calendar alone. */
  async recount(key: BatchKey): Promise<void> {
    if (!this.#isWanted) return;
    await this.#cache.write(() => recountSession(this.#cache, key));
    this.#recountedDays++;
  }

  /** Has a batch of coarser bars made again by the next run. */
  async makeAgain(key: BatchKey): Promise<void> {
    if (!this.#isWanted) return;
    await this.#cache.write(() => distrustDerived(this.#cache, key));
    this.#derivedDays++;
  }

  /** Makes status read of a day what the manifest says. */
  async renewSummary(key: BatchKey): Promise<void> {
    if (!this.#isWanted) return;
    await this.#cache.write(() => renewSummary(this.#cache, key));
    this.#recountedDays++;
  }

  /** Takes bars out of the cache that stand nowhere near the day they name. */
  async removeStrays(key: BatchKey): Promise<void> {
    if (!this.#isWanted) return;
    await this.#cache.write(() => {
      this.#strayBars += removeStrayBars(this.#cache, key);
    });
  }

  /** Notes what was done. */
  tell(findings: Findings): void {
    if (this.#unreadDays > 0)
      findings.note(
        `Marked ${plural(this.#unreadDays, "day")} as not read: the next hybrid over them reads the kept flat files, or fetches them.`,
      );
    if (this.#recountedDays > 0)
      findings.note(`Counted the session's bars of ${plural(this.#recountedDays, "day")} again.`);
    if (this.#derivedDays > 0)
      findings.note(
        `The coarser bars of ${plural(this.#derivedDays, "day")} are made again by the next hybrid or aggregate.`,
      );
    if (this.#goneFiles > 0) findings.note(`Noted ${plural(this.#goneFiles, "file")} as gone.`);
    if (this.#strayBars > 0) findings.note(`Removed ${plural(this.#strayBars, "bar")} far from any day.`);
  }
}
