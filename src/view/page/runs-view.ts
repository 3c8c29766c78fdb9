import type { Run } from "./answers.ts";
import { api } from "./api.ts";
import { element, table } from "./elements.ts";
import { showTrouble } from "./trouble.ts";
import type { View } from "./view.ts";
import { bytesText, clockText, countText, durationText } from "./words.ts";

/** The last runs, the latest first. */
export function runsView(place: HTMLElement): View {
  const refresh = async () => {
    try {
      const { runs } = await api.runs();
      if (runs.length === 0) place.replaceChildren(element("p", { text: "No run is remembered yet." }));
      else
        place.replaceChildren(
          table(
            "Runs",
            [
              { name: "Began" },
              { name: "Command" },
              { name: "Took", isNumber: true },
              { name: "Bars cached", isNumber: true },
              { name: "Bars synced", isNumber: true },
              { name: "Downloaded", isNumber: true },
              { name: "Requests", isNumber: true },
              { name: "How it ended" },
            ],
            runs.map((run) => [
              clockText(run.startedAt),
              run.command,
              run.durationMs === null ? "" : durationText(run.durationMs),
              countText(run.barsCached),
              countText(run.barsSynced),
              bytesText(run.downloadedBytes),
              countText(run.requests),
              endOf(run),
            ]),
          ),
        );
    } catch (error) {
      showTrouble(place, error, refresh);
    }
  };
  return { refresh };
}

function endOf(run: Run): Node | string {
  if (run.state === "running") return stepElement(run);
  if (run.state === "killed") return element("span", { class: "bad", text: "never came to its end" });
  return run.state === "failed" ? element("span", { class: "bad", text: run.error ?? "failed" }) : "done";
}

/** How far a run has come: in words, and as a bar where its size is known. */
export function stepElement({ step, stepUnit, stepDone, stepTotal }: Run): HTMLElement {
  const amount = stepUnit === "bytes" ? bytesText : countText;
  const unit = stepUnit === null || stepUnit === "bytes" ? "" : ` ${stepUnit}`;
  const words =
    step === null
      ? "it begins"
      : `${step}: ${amount(stepDone)}${stepTotal === null ? "" : ` of ${amount(stepTotal)}`}${unit}`;
  const made = element("span", { text: `${words} ` });
  if (stepTotal !== null && stepTotal > 0) {
    const bar = element("progress", { attributes: { "aria-label": words } });
    bar.max = stepTotal;
    bar.value = stepDone;
    made.append(bar);
  }
  return made;
}
