import { announcedDays } from "../../cache/announced-days.ts";
import type { Cache } from "../../cache/cache.ts";
import { newYorkDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import type { AnnouncedDay } from "../../core/nyse-calendar.ts";
import type { SymbolSelection } from "../../core/symbols.ts";
import { dayBars } from "../../massive/aggregates.ts";
import { openRest, type RestClient } from "../../massive/rest-client.ts";
import { upcomingClosures } from "../../massive/upcoming-closures.ts";
import { compareWithRules } from "../calendar/merge.ts";
import type { RunContext } from "../context.ts";
import { isEntitlement, isForAll } from "../failures.ts";
import { fromError, green, skipped, yellow, type Finding } from "./findings.ts";
import { CUT_OFF, CUT_OFF_FIX, deadlineOf, REST_PATIENCE } from "./patience.ts";
import { shownAddress } from "./shown-address.ts";

const KEY = "API key";
const CALENDAR = "calendar";
/** How far back the first symbol of a dataset is asked for. */
const DAYS_BACK = 7;

/**
 * Tries the API key with the exchange's calendar, which every plan has, and one symbol of each dataset, within
 * `longestMs`.
 */
export async function checkRest(
  context: RunContext,
  selection: SymbolSelection,
  longestMs?: number,
): Promise<Finding[]> {
  const { cache, settings, signal, nowMs } = context;
  if (settings.rest === null)
    return [
      skipped(KEY, "not set: a day waits until its flat file is published"),
      calendarFinding(cache, null, newYorkDate(nowMs)),
    ];
  const limits = { wasSlowedDown: false };
  const deadline = deadlineOf(signal, longestMs);
  try {
    const rest = openRest(settings.rest, {
      ...REST_PATIENCE,
      onSlowDown: () => {
        limits.wasSlowedDown = true;
      },
    });
    const announced = await upcomingClosures(rest, deadline);
    const symbols = await Promise.all(
      firstSymbols(selection).map((symbol) => checkSymbol(rest, symbol, { nowMs, signal: deadline })),
    );
    const found = `accepted by ${shownAddress(settings.rest.baseUrl)}`;
    const key = limits.wasSlowedDown
      ? yellow(
          KEY,
          `${found}; it allows few requests a minute`,
          "Give hybrid --rpm=5, the limit of Basic plans.",
          "network",
        )
      : green(KEY, `${found}; no limit of requests was met`);
    return [key, ...symbols, calendarFinding(cache, announced, newYorkDate(nowMs))];
  } catch (error) {
    signal.throwIfAborted();
    return [troubleFinding(error, deadline, limits), calendarFinding(cache, null, newYorkDate(nowMs))];
  }
}

/** What to say of a key that could not be tried to the end. */
function troubleFinding(
  error: unknown,
  deadline: AbortSignal,
  { wasSlowedDown }: { readonly wasSlowedDown: boolean },
): Finding {
  const isRateLimited = error instanceof BackfillError && error.code === "rate-limited";
  if (isRateLimited || (deadline.aborted && wasSlowedDown)) {
    const found = isRateLimited ? error.reason : "the API takes no more requests for now";
    return yellow(KEY, found, "Wait a minute; give hybrid --rpm=5, the limit of Basic plans.", "network");
  }
  return deadline.aborted ? yellow(KEY, CUT_OFF, CUT_OFF_FIX, "network") : fromError(KEY, error);
}

function firstSymbols({ symbols }: SymbolSelection): SymbolSelection["symbols"] {
  return [...Map.groupBy(symbols, ({ dataset }) => dataset).values()].flatMap((group) => group.slice(0, 1));
}

/** Asks for the last days of a symbol, in one request. */
async function checkSymbol(
  rest: RestClient,
  { dataset, ticker }: SymbolSelection["symbols"][number],
  { nowMs, signal }: Pick<RunContext, "nowMs" | "signal">,
): Promise<Finding> {
  const name = `API for ${dataset}`;
  const to = newYorkDate(nowMs);
  const from = newYorkDate(nowMs - DAYS_BACK * 24 * 3_600_000);
  try {
    const { bars } = await dayBars(rest, { dataset, ticker, from, to }, signal);
    return bars.length > 0
      ? green(name, `has ${ticker}`)
      : yellow(
          name,
          `has no bars of ${ticker} in the last ${DAYS_BACK} days`,
          "Check the ticker; case matters.",
        );
  } catch (error) {
    if (isForAll(error) || signal.aborted) throw error;
    if (!isEntitlement(error)) return fromError(name, error, "yellow");
    const said = error instanceof BackfillError ? error.reason : "";
    return yellow(
      name,
      `${ticker}: ${said}`,
      "Its days wait for their flat file; a plan that has it brings them sooner.",
      "plan",
    );
  }
}

/** Whether the exchange has announced days that this cache's calendar does not know. */
function calendarFinding(cache: Cache, announced: readonly AnnouncedDay[] | null, today: string): Finding {
  const known = announcedDays(cache);
  if (announced === null)
    return green(
      CALENDAR,
      "has the exchange's rules built in; what it has announced since was not asked for",
    );
  const { news } = compareWithRules(announced, today);
  const unknown = news.filter(
    ({ date, close }) => !known.some((day) => day.date === date && day.close === close),
  );
  if (unknown.length === 0)
    return green(
      CALENDAR,
      `knows all ${announced.length} days that the exchange has announced to close on, or early`,
    );
  const days = unknown.map(({ date, name }) => `${date} (${name})`).join(", ");
  return yellow(
    CALENDAR,
    `does not know ${days}, announced since`,
    "massive-backfill status --refresh-calendar",
  );
}
