import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Asset } from "./asset.ts";

const PAGE = join(import.meta.dir, "page");
const SCRIPT = "text/javascript; charset=utf-8";

/**
 * The files of the page by the paths at which they are served, its scripts put together. A macro: Bun runs it while it
 * compiles the program and puts in what it returns, so that the binary needs neither sources nor the chart library.
 * @throws Error with what the bundler says.
 */
export function pageAssets(): Record<string, Asset> {
  return {
    "/": { type: "text/html; charset=utf-8", body: text("index.html") },
    "/style.css": { type: "text/css; charset=utf-8", body: text("style.css") },
    "/favicon.svg": { type: "image/svg+xml", body: text("favicon.svg") },
    ...pageScripts(),
  };
}

function text(name: string): string {
  return readFileSync(join(PAGE, name), "utf8");
}

/** The page's script, and the parts that it loads when they are needed. */
function pageScripts(): Record<string, Asset> {
  const out = mkdtempSync(join(tmpdir(), "massive-backfill-page-"));
  try {
    // Bun's bundler cannot be called from a macro but in a process of its own.
    const flags = ["--minify", "--target=browser", "--format=esm", "--splitting", `--outdir=${out}`];
    const bundled = Bun.spawnSync([process.execPath, "build", join(PAGE, "page.ts"), ...flags], {
      env: { ...process.env, BUN_BE_BUN: "1" },
    });
    if (bundled.exitCode !== 0) throw new Error(bundled.stderr.toString());
    return Object.fromEntries(
      readdirSync(out).map((name) => [
        `/${name}`,
        { type: SCRIPT, body: readFileSync(join(out, name), "utf8") },
      ]),
    );
  } finally {
    rmSync(out, { recursive: true });
  }
}
