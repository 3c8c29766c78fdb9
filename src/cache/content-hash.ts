import type { Bar } from "../core/bar.ts";
import { packBars } from "../core/packed-bars.ts";

/**
 * A fingerprint of bars in time order: xxHash64 over their eight fields as little-endian doubles (NaN for null),
 * as 16 hex digits. Equal bars have equal fingerprints on every machine.
 */
export function contentHash(bars: readonly Bar[]): string {
  const bytes = new Uint8Array(packBars(bars).buffer);
  return Bun.hash.xxHash64(bytes).toString(16).padStart(16, "0");
}
