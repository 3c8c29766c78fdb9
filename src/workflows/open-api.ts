import type { Dataset } from "../core/datasets.ts";
import { openRest, type RestClient, type RestSettings } from "../massive/rest-client.ts";
import type { RunContext } from "./context.ts";
import { retryNotice } from "./retry-notice.ts";

/**
 * Opens the REST API for a run: what keeps failing, and a vendor that wants fewer requests, is told. Nothing is sent yet.
 * @throws BackfillError (settings) for a key that cannot be sent.
 */
export function openApi(
  { progress }: Pick<RunContext, "progress">,
  settings: RestSettings,
  requestsPerMinute: number | null,
): RestClient {
  if (requestsPerMinute !== null)
    progress.info(
      `The API is asked ${requestsPerMinute} times a minute at most for each asset class (--rpm)`,
    );
  const told = new Set<string>();
  const onSlowDown = (dataset: Dataset, intervalMs: number) => {
    const seconds = Math.ceil(intervalMs / 1000);
    if (told.has(`${dataset} ${seconds}`)) return;
    told.add(`${dataset} ${seconds}`);
    progress.info(
      `The API wants fewer requests (HTTP 429): for ${dataset} one every ${seconds} s from now on`,
    );
  };
  return openRest(settings, { requestsPerMinute, onSlowDown, onRetry: retryNotice(progress) });
}
