import { DATASET_FACTS } from "../../../core/datasets.ts";
import { plural } from "../../../core/format.ts";
import type { Chart } from "../../../workflows/chart/chart.ts";
import type { WithoutBars } from "../../../workflows/chart/without-bars.ts";

const WEEKDAY = new Intl.DateTimeFormat("en-US", { weekday: "long", timeZone: "UTC" });

/** In one line why a chart has no bars. */
export function withoutBarsText(chart: Chart, why: WithoutBars): string {
  return `no bars: ${WORDS[why](chart)}`;
}

const WORDS: Readonly<Record<WithoutBars, (chart: Chart) => string>> = {
  weekend: ({ from, to }) =>
    from === to
      ? `the market is closed on ${from}, a ${WEEKDAY.format(Date.parse(from))} (weekend)`
      : "the market is closed on all of these days (weekend)",
  holiday: ({ from, to }) =>
    from === to
      ? `the market is closed on ${from} (holiday)`
      : "the market is closed on all of these days (holidays)",
  closed: () => "the market is closed on all of these days (weekend and holidays)",
  "before-history": ({ dataset }) =>
    `the vendor's history of ${dataset} begins on ${DATASET_FACTS[dataset].historyStart}`,
  "no-bars": ({ symbol, from, to }) =>
    from === to
      ? `${from} was fetched, and the source has none of ${symbol}`
      : `these days were fetched, and the source has none of ${symbol}`,
  "outside-session": ({ days }) => {
    const minutes = days.reduce((sum, { bars }) => sum + bars, 0);
    return `${plural(minutes, "minute")} outside the session (see them with --timeframe=1m)`;
  },
  "not-cached": () => "the cache has nothing of some of these days",
};
