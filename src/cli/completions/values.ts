import { DATASETS } from "../../core/datasets.ts";
import { SOURCES } from "../../core/sources.ts";
import { DERIVED_TIMEFRAMES, ONE_MINUTE, timeframeName } from "../../core/timeframes.ts";
import { SESSION_KINDS } from "../../core/windows.ts";
import { PARQUET_COMPRESSIONS } from "../../formats/parquet-bars.ts";
import { EXPORT_FORMATS } from "../../workflows/export/options.ts";
import { KINDS } from "../../workflows/schedule/entry.ts";
import type { Command } from "../command.ts";
import { aliasOf } from "../help/flag-term.ts";

/** What can stand after a flag. */
type Completion = "nothing" | "files" | "folders" | readonly string[];

export interface CompletableFlag {
  readonly name: string;
  readonly alias: string | null;
  readonly meaning: string;
  readonly takesValue: boolean;
  readonly value: Completion;
}

export interface CompletableCommand {
  readonly name: string;
  readonly summary: string;
  /** Words that may stand without a flag. */
  readonly operands: readonly string[];
  readonly flags: readonly CompletableFlag[];
}

const TIMEFRAMES = [ONE_MINUTE, ...DERIVED_TIMEFRAMES].map(timeframeName);

const VALUES_OF_FLAG: Readonly<Record<string, Completion>> = {
  dataset: DATASETS,
  source: SOURCES,
  kind: KINDS,
  session: SESSION_KINDS,
  timeframe: TIMEFRAMES,
  timeframes: TIMEFRAMES,
  format: EXPORT_FORMATS,
  compression: PARQUET_COMPRESSIONS,
};

const VALUES_OF_HINT: Readonly<Record<string, Completion>> = { FILE: "files", DIR: "folders", PATH: "files" };

/** What of a command a shell can complete. */
export function completableCommand({ name, summary, flags, operand }: Command): CompletableCommand {
  return {
    name,
    summary,
    operands: operand?.values ?? [],
    flags: Object.entries(flags).map(([flag, definition]) => {
      const hint = "valueHint" in definition ? (definition.valueHint ?? "") : "";
      return {
        name: flag,
        alias: aliasOf(definition),
        meaning: definition.description ?? "",
        takesValue: definition.type !== "boolean",
        value: VALUES_OF_FLAG[flag] ?? VALUES_OF_HINT[hint] ?? "nothing",
      };
    }),
  };
}
