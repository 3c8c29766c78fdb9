import { MINUTE_MS } from "./bar.ts";

/** Minutes of a session without a bar: the first and the last of a run, counted from the open (0). */
export type SessionHole = readonly [firstMinute: number, lastMinute: number];

/** The minutes of a session, epoch ms with the end exclusive, in which none of the `starts` (ascending, epoch ms) lies. */
export function sessionHoles(
  windowStartsMs: Iterable<number>,
  { openMs, closeMs }: { readonly openMs: number; readonly closeMs: number },
): SessionHole[] {
  const holes: SessionHole[] = [];
  let next = 0;
  const hole = (until: number) => {
    if (until > next) holes.push([next, until - 1]);
  };
  for (const startMs of windowStartsMs) {
    if (startMs < openMs || startMs >= closeMs) continue;
    const minute = Math.floor((startMs - openMs) / MINUTE_MS);
    hole(minute);
    next = minute + 1;
  }
  hole((closeMs - openMs) / MINUTE_MS);
  return holes;
}

const OPEN_MINUTE = 9 * 60 + 30;

/** A hole of a New York session in clock times there, both minutes included: `{ from: "09:45", to: "09:59" }`. */
export function holeTimes([first, last]: SessionHole): { readonly from: string; readonly to: string } {
  return { from: clockTime(OPEN_MINUTE + first), to: clockTime(OPEN_MINUTE + last) };
}

function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}
