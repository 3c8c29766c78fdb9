import { openCache } from "../../src/cache/cache.ts";
import { barsFrom } from "./bars.ts";
import { writeDay } from "./cache-days.ts";

/** Makes a cache that holds three bars of two symbols. */
export async function smallCache(dataDir: string): Promise<void> {
  const cache = openCache(dataDir);
  const startMs = Date.parse("2024-11-21T14:30:00Z");
  await writeDay(cache, {
    date: "2024-11-21",
    blocks: [
      ["I:NDX", barsFrom(startMs, [20_740.25])],
      ["I:SPX", barsFrom(startMs, [5940.5, 5941.75])],
    ],
  });
  cache.close();
}
