import type { TaskStart } from "../core/progress.ts";
import { formatDuration } from "../core/format.ts";
import { formatAmount } from "./plain-progress.ts";

/** How far a step is. */
export interface StepProgress {
  /** What is done, in units of the step. */
  readonly value: number;
  /** What is to be done in all; 0 if it is not known. */
  readonly total: number;
  readonly elapsedMs: number;
  /** What of `value` an earlier run did, and no part of the rate; default 0. */
  readonly resumed?: number;
}

const GAP = "  ";
const LABEL_COLUMNS = 28;
const MAX_BAR_COLUMNS = 24;
const MIN_BAR_COLUMNS = 8;
/** Room for amounts and for percentage, rate and time left, so that bars keep their size while numbers grow. */
const AMOUNT_COLUMNS = "999.9 MB of 999.9 MB".length;
const SPEED_COLUMNS = " 99%  999.9 MB/s  59 min 59 s left".length;

/**
 * One bar as text: `download  ██████░░░░  45%  12.0 MB of 26.7 MB  3.1 MB/s  5.0 s left`. It fits a terminal of
 * `columns`: on a narrow one the bar shrinks, then the amounts go, then the bar, then the end of the label.
 */
export function barLine(
  { label, unit }: Pick<TaskStart, "label" | "unit">,
  { value, total, elapsedMs, resumed = 0 }: StepProgress,
  columns: number,
): string {
  const share = total > 0 ? Math.min(1, value / total) : 0;
  const perSecond = elapsedMs > 0 ? ((value - resumed) / elapsedMs) * 1000 : 0;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const amount = `${formatAmount(value, unit)} of ${formatAmount(total, unit)}`;
  const rate = `${formatAmount(perSecond, unit)}/s`;
  const left =
    perSecond > 0 && total > value ? `${formatDuration(((total - value) / perSecond) * 1000)} left` : "";
  const speed = joined(percent, rate, left);
  const name = label.padEnd(LABEL_COLUMNS);

  // The last column stays free: what reaches it makes some terminals begin a new line.
  const room = columns - 1;
  const barRoom = room - joined(name, "", "").length - Math.max(speed.length, SPEED_COLUMNS);
  const barRoomWithAmount = barRoom - GAP.length - Math.max(amount.length, AMOUNT_COLUMNS);
  if (barRoomWithAmount >= MIN_BAR_COLUMNS)
    return joined(name, bar(share, barRoomWithAmount), percent, amount, rate, left).trimEnd();
  if (barRoom >= MIN_BAR_COLUMNS) return joined(name, bar(share, barRoom), speed).trimEnd();
  return joined(shortened(label, room - GAP.length - speed.length), speed).trimEnd();
}

function joined(...parts: readonly string[]): string {
  return parts.join(GAP);
}

function bar(share: number, room: number): string {
  const columns = Math.min(room, MAX_BAR_COLUMNS);
  const filled = Math.round(share * columns);
  return "█".repeat(filled) + "░".repeat(columns - filled);
}

function shortened(label: string, room: number): string {
  return label.length <= room ? label : `${label.slice(0, Math.max(0, room - 1))}…`;
}
