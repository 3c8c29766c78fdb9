import type { Gap } from "../../../workflows/coverage/gaps.ts";
import type { Status } from "../../../workflows/coverage/status.ts";
import type { Again } from "../invocation.ts";
import { gapCommand } from "./gaps.ts";

/** The gaps in the form of `status --gaps --json`. */
export function gapsJson(
  { from, to, timeframe, gaps, suspicious }: Status,
  ranges: readonly Gap[],
  again: Again,
): object {
  return {
    timeframe,
    from,
    to,
    gaps,
    suspicious,
    ranges: ranges.map(({ command, flags, ...gap }) => ({
      ...gap,
      command: gapCommand({ command, flags }, again),
    })),
  };
}
