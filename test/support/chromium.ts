import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

/** Where Debian's package and other systems put it. */
const PLACES = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const EXECUTABLE = PLACES.find((path) => path !== "" && existsSync(path));

/** Whether there is a Chromium to drive; says so once if there is none. */
export function hasChromium(): boolean {
  if (EXECUTABLE === undefined)
    process.stderr.write(
      "NOT RUN: the page in a browser. There is no chromium here (apt-get install chromium).\n",
    );
  return EXECUTABLE !== undefined;
}

/** Starts a headless Chromium. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    ...(EXECUTABLE !== undefined && { executablePath: EXECUTABLE }),
    // As root it has no sandbox of its own.
    args: ["--no-sandbox"],
  });
}

/** A page that keeps what went wrong in it, and where its requests went. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts and of the console, a broken content policy among them. */
  readonly errors: readonly string[];
  readonly hosts: ReadonlySet<string>;
}

/** Opens a page. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(url);
  return { page, errors, hosts, [Symbol.asyncDispose]: () => context.close() };
}
