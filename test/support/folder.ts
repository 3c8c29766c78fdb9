import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { cachedBars, manifestOf } from "./cache-contents.ts";

/** The files under a folder with a fingerprint of their bytes, by relative path; folders have none. */
export function filesOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      return [name, statSync(path).isFile() ? Bun.hash(readFileSync(path)).toString(16) : "folder"];
    }),
  );
}

/**
 * All that a data directory holds: flat files byte by byte, bars, manifest. Left out are the lock, which says who
 * had it last, and the targets, which say what went wrong last.
 */
export function contentsOf(dataDir: string) {
  const files = Object.entries(filesOf(dataDir)).filter(([name]) => !name.startsWith("massive."));
  const { targets: _, ...manifest } = manifestOf(dataDir);
  return { files: Object.fromEntries(files), bars: cachedBars(dataDir), manifest };
}
