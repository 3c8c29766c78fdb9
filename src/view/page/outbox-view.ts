import { api } from "./api.ts";
import { element, table } from "./elements.ts";
import { showTrouble } from "./trouble.ts";
import type { View } from "./view.ts";
import { clockText, countText } from "./words.ts";

/** What each database lacks. */
export function outboxView(place: HTMLElement): View {
  const refresh = async () => {
    try {
      const { targets } = await api.outbox();
      if (targets.length === 0)
        place.replaceChildren(
          element("p", { text: "No database was synced to yet: all bars are in the cache." }),
        );
      else
        place.replaceChildren(
          table(
            "Databases",
            [
              { name: "Database" },
              { name: "Unsynced batches", isNumber: true },
              { name: "Bars", isNumber: true },
              { name: "Oldest since" },
              { name: "Last error" },
            ],
            targets.map((target) => [
              target.target,
              target.unsyncedBatches === 0 ? "all synced" : countText(target.unsyncedBatches),
              countText(target.unsyncedBars),
              target.oldestUnsyncedAt === null ? "" : clockText(target.oldestUnsyncedAt),
              target.lastError === null
                ? ""
                : element("span", {
                    class: "bad",
                    text: `${clockText(target.lastError.at)}: ${target.lastError.error}`,
                  }),
            ]),
          ),
        );
    } catch (error) {
      showTrouble(place, error, refresh);
    }
  };
  return { refresh };
}
