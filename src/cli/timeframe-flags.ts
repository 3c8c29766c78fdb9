import type { ArgsDef } from "citty";
import { splitList } from "../core/settings.ts";
import { DERIVED_TIMEFRAMES, ONE_MINUTE, timeframeName, timeframesNamed } from "../core/timeframes.ts";
import { isSessionKind, SESSION_KINDS, type SessionKind } from "../core/windows.ts";
import type { KeptTimeframe } from "../cache/timeframes.ts";
import { textFlag, usage, type FlagValues } from "./flags.ts";

const NAMES = DERIVED_TIMEFRAMES.map(timeframeName).join(",");

/** Which coarser bars are made, and from which minutes. */
export const TIMEFRAME_FLAGS = {
  timeframes: {
    type: "string",
    description: `bars to make from the minutes, now and on later runs: ${NAMES}`,
    valueHint: "LIST",
  },
  session: {
    type: "string",
    description: "minutes they are made from: regular (the trading session, the default) or all",
    valueHint: "NAME",
  },
} as const satisfies ArgsDef;

/**
 * The coarser timeframes of `--timeframes` with the session of `--session`; those that the cache keeps already if none are
 * named. 1m may be named: it is always there.
 * @throws BackfillError (usage) for a name that is none.
 */
export function timeframeFlags(flags: FlagValues, kept: readonly KeptTimeframe[]): KeptTimeframe[] {
  const session = sessionFlag(flags);
  const list = textFlag(flags, "timeframes");
  const sessions = new Map(kept.map((timeframe) => [timeframe.timeframeMinutes, timeframe.session]));
  if (list === undefined)
    return kept.map(({ timeframeMinutes, session: before }) => ({
      timeframeMinutes,
      session: session ?? before,
    }));
  const names = splitList(list);
  if (names.length === 0)
    throw usage("timeframes", "it names none", `Write --timeframes=5m,1h, of ${NAMES}.`);
  return timeframesNamed(names, "timeframes")
    .filter((minutes) => minutes !== ONE_MINUTE)
    .map((timeframeMinutes) => ({
      timeframeMinutes,
      session: session ?? sessions.get(timeframeMinutes) ?? "regular",
    }));
}

function sessionFlag(flags: FlagValues): SessionKind | undefined {
  const text = textFlag(flags, "session");
  if (text === undefined || isSessionKind(text)) return text;
  throw usage("session", `"${text}" is neither`, `Write one of ${SESSION_KINDS.join(", ")}.`);
}
