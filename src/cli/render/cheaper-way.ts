import { formatBytes, formatEstimate, plural } from "../../core/format.ts";
import type { CheaperWay } from "../../workflows/planning/choose-route.ts";

/** In one line what the API would bring for far less than flat files. */
export function cheaperWayText({ byFiles, byApi }: CheaperWay): string {
  if (byApi.requests === 0)
    return `The API has brought these days already: --source=cheapest keeps its bars, provisional, without ${formatBytes(byFiles.bytes)} of flat files.`;
  return `The API would need ${plural(byApi.requests, "request")} (about ${formatEstimate(byApi.seconds)}) instead of ${formatBytes(byFiles.bytes)} of flat files (about ${formatEstimate(byFiles.seconds)}): --source=cheapest. Its bars stay provisional.`;
}
