import type { Settings } from "../../core/settings.ts";
import { formatDuration } from "../../core/format.ts";
import { green, red, skipped, yellow, type Finding } from "./findings.ts";
import { CONNECT_TIMEOUT_MS } from "./patience.ts";

const CLOCK = "clock";
/** S3 refuses requests that are signed with a time further off. */
const REFUSED_MS = 15 * 60_000;
const WORRYING_MS = 60_000;

const FIXES: Readonly<Record<string, string>> = {
  linux: "timedatectl set-ntp true",
  darwin: "sudo sntp -sS time.apple.com",
  win32: "w32tm /resync (as administrator)",
};

/** Compares this computer's clock with the vendor's, by the Date that its servers give with any answer. */
export async function checkClock({ s3, rest }: Settings, signal: AbortSignal): Promise<Finding> {
  const addresses = [s3?.endpoint, rest?.baseUrl].filter((address) => address !== undefined);
  const dates = await Promise.all(addresses.map((address) => serverSkewMs(address, signal)));
  signal.throwIfAborted();
  const skewMs = dates.find((skew) => skew !== null);
  if (skewMs === undefined || skewMs === null) return skipped(CLOCK, "no server told the time");
  const off = Math.abs(skewMs);
  if (off < WORRYING_MS) return green(CLOCK, "right to the minute");
  const found = `${formatDuration(off)} ${skewMs > 0 ? "ahead of" : "behind"} the vendor's`;
  const fix = FIXES[process.platform] ?? "Turn on automatic time.";
  return off < REFUSED_MS ? yellow(CLOCK, found, fix, "clock") : red(CLOCK, found, fix, "clock");
}

/** By how much our clock is ahead of the server's; null if it does not answer or says no time. */
async function serverSkewMs(address: string, signal: AbortSignal): Promise<number | null> {
  try {
    const response = await fetch(address, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]),
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    return Number.isNaN(date) ? null : Date.now() - date;
  } catch {
    // Whether the server answers is the matter of another line.
    return null;
  }
}
