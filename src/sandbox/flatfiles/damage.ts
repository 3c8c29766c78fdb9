/**
 * Ways in which a row of a file can be bad: a field is missing · a price is no number · high is below low · the
 * stamp is one day late · the row is there twice.
 */
export type BadRow = "too-few-fields" | "not-a-number" | "high-below-low" | "other-day" | "duplicate";

/** What is wrong with a published file. Each part is of its own; the bars of the file stay those of the truth. */
export interface Damage {
  /** Header line instead of the dataset's. */
  readonly header?: string;
  /** How many bad rows of each kind stand among the good rows of `badRowTicker`, in addition to them. */
  readonly badRows?: Partial<Record<BadRow, number>>;
  /** Default: the first ticker that the look-alike serves for the dataset. */
  readonly badRowTicker?: string;
  /** Stamps of all rows: the nonsense `-68400000000000`, or 24 hours late. Both happened at the vendor. */
  readonly stamps?: "negative" | "next-day";
  /** Every row stands twice. */
  readonly doubled?: boolean;
  /** The gzip stream has flipped bytes in its middle, or lacks its last third; size and ETag are those of the bad object. */
  readonly gzip?: "flipped" | "truncated";
}

const DAY_NS = 86_400_000_000_000n;
const NEGATIVE_STAMP = "-68400000000000";

type Break = (fields: readonly string[], columns: readonly string[]) => readonly string[];

const BREAKS: Readonly<Record<BadRow, Break>> = {
  "too-few-fields": (fields) => fields.slice(0, 3),
  "not-a-number": (fields, columns) => fields.with(columns.indexOf("close"), "n/a"),
  "high-below-low": (fields, columns) =>
    fields.with(columns.indexOf("high"), "1").with(columns.indexOf("low"), "2"),
  "other-day": withLateStamp,
  duplicate: (fields) => fields,
};

/** A bad row made from the good row `line` of a file with these `columns`. */
export function breakRow(kind: BadRow, line: string, columns: readonly string[]): string {
  return BREAKS[kind](line.split(","), columns).join(",");
}

/** The bad rows to be added after good row `index` of `count`: spread evenly over the rows of the ticker. */
export function badRowsAfter(damage: Damage, index: number, count: number): BadRow[] {
  const kinds = Object.entries(damage.badRows ?? {}).flatMap(([kind, times]) =>
    Array.from({ length: times }, () => kind),
  );
  return kinds.filter(isBadRow).filter((_, order) => Math.floor((order * count) / kinds.length) === index);
}

function isBadRow(text: string): text is BadRow {
  return Object.hasOwn(BREAKS, text);
}

/** The row `line` with the stamp that every row of a day got. */
export function restamp(kind: "negative" | "next-day", line: string, columns: readonly string[]): string {
  const fields = line.split(",");
  return kind === "next-day"
    ? withLateStamp(fields, columns).join(",")
    : fields.with(columns.indexOf("window_start"), NEGATIVE_STAMP).join(",");
}

function withLateStamp(fields: readonly string[], columns: readonly string[]): string[] {
  const column = columns.indexOf("window_start");
  return fields.with(column, String(BigInt(fields[column] ?? "0") + DAY_NS));
}

/** A damaged copy of a gzip stream. */
export function breakGzip(kind: "flipped" | "truncated", bytes: Uint8Array): Uint8Array {
  if (kind === "truncated") return bytes.slice(0, Math.floor((bytes.length * 2) / 3));
  const broken = bytes.slice();
  const middle = Math.floor(broken.length / 2);
  for (let index = middle; index < Math.min(middle + 16, broken.length); index += 1)
    broken[index] = (broken[index] ?? 0) ^ 0xff;
  return broken;
}
