import type { ArgsDef } from "citty";
import type { TransferLimits } from "../workflows/with-flat-files.ts";
import { bytesOf } from "./byte-size.ts";
import { textFlag, usage, wholeNumberFlag, type FlagValues } from "./flags.ts";

/** How much of the link the download of flat files may use. */
export const TRANSFER_FLAGS = {
  connections: {
    type: "string",
    description: "connections at once, for all flat files together (default 16, at most 256)",
    valueHint: "N",
  },
  "max-rate": {
    type: "string",
    description: "bytes a second at most, all connections together: 10MB/s, 500kB/s, 2MiB/s",
    valueHint: "RATE",
  },
} as const satisfies ArgsDef;

/** Citty hands `--no-keep` over as `keep` = false. */
export const KEEP_FLAG = {
  "no-keep": {
    type: "boolean",
    description:
      "delete each day's flat file that this run brings once it is read; what was there before stays",
  },
} as const satisfies ArgsDef;

const MAX_CONNECTIONS = 256;

/** Slower, a connection would look stalled. */
const MIN_BYTES_PER_SECOND = 10_000;

/** What `--connections` and `--max-rate` say; what was not given is left out. */
export function transferLimits(flags: FlagValues): TransferLimits {
  const connections = wholeNumberFlag(flags, "connections", { least: 1, most: MAX_CONNECTIONS });
  const rate = textFlag(flags, "max-rate");
  return {
    ...(connections !== undefined && { connections }),
    ...(rate !== undefined && { maxBytesPerSecond: parseRate(rate) }),
  };
}

/** Whether flat files stay once they are read. */
export function keepsFiles(flags: FlagValues): boolean {
  return flags["keep"] !== false;
}

/**
 * Bytes a second of a text such as `10MB/s`, `1.5MB` or `2MiB/s`. The B must be a capital: `Mb` means bits, and
 * nobody should wait eight times as long as he meant to.
 */
function parseRate(text: string): number {
  const bytes = bytesOf(text.replace(/\/s$/, ""));
  if (bytes >= MIN_BYTES_PER_SECOND) return Math.round(bytes);
  throw usage(
    "max-rate",
    Number.isNaN(bytes)
      ? `"${text}" is not a number of bytes a second`
      : `"${text}" is too slow: connections would look stalled`,
    "Write it as --max-rate=10MB/s (kB, MB, GB, or KiB, MiB, GiB), 10kB/s or more.",
  );
}
