import type { SchemaElement } from "hyparquet-writer";
import { SERIES_COLUMNS } from "./columns.ts";

type Repetition = "REQUIRED" | "OPTIONAL";

/**
 * The schema of a file of bars. The timestamp is `TIMESTAMP(MILLIS, isAdjustedToUTC)`, an instant, so that no engine takes it
 * for a local time; only volume, vwap and trades can be null.
 */
export function parquetSchema(hasSeries: boolean): SchemaElement[] {
  const columns = [
    ...(hasSeries ? SERIES_COLUMNS.map(text) : []),
    timestamp(),
    ...["open", "high", "low", "close"].map((name) => double(name, "REQUIRED")),
    ...["volume", "vwap"].map((name) => double(name, "OPTIONAL")),
    { name: "trades", type: "INT64", repetition_type: "OPTIONAL" } as const,
  ];
  return [{ name: "bars", num_children: columns.length }, ...columns];
}

function text(name: string): SchemaElement {
  return {
    name,
    type: "BYTE_ARRAY",
    converted_type: "UTF8",
    logical_type: { type: "STRING" },
    repetition_type: "REQUIRED",
  };
}

function timestamp(): SchemaElement {
  return {
    name: "timestamp",
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
    repetition_type: "REQUIRED",
  };
}

function double(name: string, repetition: Repetition): SchemaElement {
  return { name, type: "DOUBLE", repetition_type: repetition };
}
