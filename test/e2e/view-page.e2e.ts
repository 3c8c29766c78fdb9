import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { openCache } from "../../src/cache/cache.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { expectExit, run, start } from "../support/binary.ts";
import { hasChromium, openPage, startChromium, type WatchedPage } from "../support/chromium.ts";
import { newDatabase } from "../support/postgres-bars.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { servedPage, type ServedPage } from "../support/served-view.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";
import { sandboxAt } from "../support/truth.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";
const AT = `--today=${TODAY}`;
const DESKTOP = { viewport: { width: 1240, height: 900 } };

/** How many colours the calendar of SPX has, worked out in the page. */
const COLOURS_OF_SPX = `(() => {
  const canvas = document.querySelector('[data-symbol="SPX"] canvas');
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})()`;

/** Takes a day out of the cache as if it had never been asked for. */
function forgetDay(folder: string, symbol: string, date: string): void {
  const cache = openCache(join(folder, "data"));
  const day = [symbol, Date.parse(date) / 86_400_000] as const;
  for (const table of ["bars", "batches"])
    cache.db
      .query(
        `DELETE FROM ${table} WHERE symbol_id = (SELECT id FROM symbols WHERE symbol = ?) AND epoch_day = ?`,
      )
      .run(...day);
  cache.close();
}

/** Friday by the API since its file is still to come; a day with a hole; a database that lacks the last day. */
class Desk {
  readonly sandbox: Sandbox;
  readonly postgres: TestPostgres;
  readonly dir: TempDir;
  readonly view: ServedPage;
  readonly browser: Browser;

  private constructor(parts: Pick<Desk, "sandbox" | "postgres" | "dir" | "view" | "browser">) {
    this.sandbox = parts.sandbox;
    this.postgres = parts.postgres;
    this.dir = parts.dir;
    this.view = parts.view;
    this.browser = parts.browser;
  }

  static async set(): Promise<Desk> {
    const [sandbox, postgres, browser] = await Promise.all([
      sandboxAt(TODAY),
      startPostgres(),
      startChromium(),
    ]);
    const dir = tempDir();
    const url = await newDatabase(postgres, "page");
    const env = { ...sandbox.environment, DATABASE_URL: url };
    const symbols = "--symbols=SPX,AAPL,X:BTC-USD";
    expectExit(
      await run(["hybrid", symbols, "--from=2023-11-01", "--to=2024-11-20", AT, "--source=api"], {
        cwd: dir.path,
        env,
      }),
      0,
    );
    const rows = sandbox
      .truth("indices", "I:SPX", "2024-11-20")
      .filter((_, index) => index < 100 || index >= 110)
      .map((bar) =>
        ["I:SPX", bar.open, bar.close, bar.high, bar.low, `${bar.windowStartMs}000000`].join(","),
      );
    await Bun.write(
      `${dir.path}/2024-11-20.csv`,
      `ticker,open,close,high,low,window_start\n${rows.join("\n")}\n`,
    );
    const parse = ["parse", "--file=2024-11-20.csv", "--dataset=indices", "--symbols=SPX"];
    expectExit(await run(parse, { cwd: dir.path }), 0);
    expectExit(
      await run(["api", symbols, "--from=2024-11-21", `--to=${TODAY}`, AT], { cwd: dir.path, env }),
      0,
    );
    forgetDay(dir.path, "AAPL", "2024-11-19");
    const view = await servedPage([AT], { cwd: dir.path, env });
    return new Desk({ sandbox, postgres, dir, view, browser });
  }

  open(hash: string, options: Parameters<typeof openPage>[2] = DESKTOP): Promise<WatchedPage> {
    return openPage(this.browser, `${this.view.url}${hash}`, options);
  }

  async clear(): Promise<void> {
    await this.browser.close();
    await this.view.stop();
    await Promise.all([this.sandbox.stop(), this.postgres.remove()]);
    this.dir[Symbol.dispose]();
  }
}

describe.if(hasChromium())("the page", () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.set();
  });
  afterAll(() => desk.clear());

  test("draws a calendar of each symbol, and asks nobody else for anything", async () => {
    await using watched = await desk.open("#/coverage");
    const { page, errors, hosts } = watched;
    await page.waitForSelector('[data-symbol="X:BTC-USD"][data-drawn]');
    const drawn = await page.$$eval("[data-symbol]", (found) =>
      found.map((section) => `${section.getAttribute("data-symbol")} ${section.getAttribute("data-drawn")}`),
    );
    expect(drawn).toEqual(["AAPL 388", "SPX 388", "X:BTC-USD 388"]);
    expect(await page.textContent('[data-symbol="SPX"]')).toContain("from the API, 1 gap, 3 days not synced");
    // Two years a symbol have days in the colours of complete, provisional and missing days.
    const colours = await page.evaluate<number>(COLOURS_OF_SPX);
    expect(colours).toBeGreaterThan(4);
    expect([errors, [...hosts]]).toEqual([[], [new URL(desk.view.url).host]]);
  });

  test("lets the keyboard walk from day to day, and tells each", async () => {
    await using watched = await desk.open("#/coverage");
    const { page } = watched;
    const canvas = page.locator('[data-symbol="SPX"] canvas');
    await canvas.focus();
    const told = () => page.textContent("#told");
    expect(await told()).toBe("Fri 2024-11-22, provisional (API), 390 of 390 bars, from the API, not synced");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    expect(await told()).toBe(
      "Wed 2024-11-20, partial, 380 of 390 bars, from its flat file, not synced, lacks 11:10 to 11:19",
    );
    await page.keyboard.press("ArrowUp");
    expect(await told()).toStartWith(
      "Mon 2023-11-20, provisional (API), 390 of 390 bars, from the API, synced",
    );
    await page.keyboard.press("PageDown");
    expect(await told()).toStartWith("Wed 2023-12-20, provisional");
    await page.keyboard.press("Home");
    expect(await told()).toStartWith("Wed 2023-11-01, provisional");
    await page.keyboard.press("End");
    expect(await page.textContent("#tip")).toStartWith("Fri 2024-11-22");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#chart[data-candles]");
    expect(page.url()).toEndWith("#/chart?symbol=SPX&from=2024-11-22&to=2024-11-22");
  });

  test("tells a day under the pointer, and opens its chart with a click", async () => {
    await using watched = await desk.open("#/coverage");
    const { page } = watched;
    const canvas = page.locator('[data-symbol="AAPL"] canvas');
    await canvas.scrollIntoViewIfNeeded();
    // 22 November is the 327th day of 2024, three pixels each behind a margin; 2024 is the second row.
    const at = { x: 4 + 326 * 3 + 1, y: 18 + 18 + 7 };
    await canvas.hover({ position: at });
    expect(await page.textContent("#tip")).toMatch(
      /^Fri 2024-11-22, provisional \(API\), \d+ bars, from the API, not synced$/,
    );
    await canvas.click({ position: at });
    await page.waitForSelector("#chart[data-candles]");
    expect(await page.inputValue("input[name=symbol]")).toBe("AAPL");
  });

  test.each(["pointer", "finger"])(
    "opens the day that the %s is at, in a calendar that is scrolled",
    async (means) => {
      await using watched = await desk.open("#/coverage", {
        viewport: { width: 400, height: 800 },
        hasTouch: true,
      });
      const { page } = watched;
      await page.waitForSelector('[data-symbol="SPX"][data-drawn]');
      await page.evaluate("document.querySelector('[data-symbol=SPX] .days').scrollLeft = 150");
      const box = await page.locator('[data-symbol="SPX"] canvas').boundingBox();
      if (box === null) throw new Error("no calendar");
      // 15 March is the 75th day of 2024, which is the second row.
      const [x, y] = [box.x + 4 + 74 * 3 + 1, box.y + 18 + 18 + 7];
      await (means === "finger" ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
      await page.waitForSelector("#chart[data-candles]");
      expect(await page.inputValue("input[name=from]")).toBe("2024-03-15");
    },
  );

  test("charts a day with a candle a bar, marks where minutes lack, and shades what is provisional", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&timeframe=5m&from=2024-11-20&to=2024-11-22");
    const { page, errors } = watched;
    const chart = page.locator("#chart[data-candles]");
    await chart.waitFor();
    const shown = ["data-candles", "data-marks", "data-shaded"].map((name) => chart.getAttribute(name));
    expect(await Promise.all(shown)).toEqual([String(3 * 78 - 2), "1", String(2 * 78)]);
    expect(await page.textContent("#facts")).toBe(
      "SPX, 2024-11-20 to 2024-11-22: 232 5m bars, New York time; made now from the minutes; 10 minutes without a bar (squares); 2 days provisional, a flat file may correct them (shaded)",
    );
    expect(await page.textContent("#readout")).toMatch(
      /^2024-11-22 15:55 {2}Open [\d,.]+ {2}High [\d,.]+ {2}Low [\d,.]+ {2}Close [\d,.]+$/,
    );
    await page.hover("#chart", { position: { x: 100, y: 100 } });
    await page.locator("#readout", { hasText: "2024-11-20" }).waitFor();
    await page.click("summary");
    await page.locator("details table").waitFor();
    expect(await page.locator("details table tbody tr").count()).toBe(232);
    expect(errors).toEqual([]);
  });

  test("keeps the days in sight that are, when the window becomes another", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&timeframe=5m&from=2024-11-20&to=2024-11-22");
    const { page } = watched;
    await page.locator("#chart[data-candles]").waitFor();
    await page.setViewportSize({ width: 500, height: 900 });
    const first = page.locator("#readout", { hasText: "2024-11-20 09:" });
    // The chart takes its new size with the next picture.
    await page.waitForFunction("document.querySelector('#chart canvas').clientWidth < 500");
    await page.hover("#chart", { position: { x: 3, y: 100 } });
    await first.waitFor();
  });

  test("goes to other days, symbols and ranges, and back", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&from=2024-11-22&to=2024-11-22");
    const { page } = watched;
    await page.waitForSelector('#chart[data-candles="390"]');
    await page.click("text=Month");
    await page.locator("#facts", { hasText: "30m bars" }).waitFor();
    await page.fill("input[name=symbol]", "x:btc-usd");
    await page.press("input[name=symbol]", "Tab");
    await page.locator("#facts", { hasText: "UTC" }).waitFor();
    await page.goBack();
    await page.locator("#facts", { hasText: "SPX, 2024-10-23" }).waitFor();
    await page.goto(`${desk.view.url}#/chart?symbol=SPX&from=2024-11-18&to=2024-11-18`);
    await page.click('button[title="The day before"]');
    await page.locator("#facts", { hasText: "SPX, 2024-11-15" }).waitFor();
  });

  test("tells the days of a range that are missing, and marks them", async () => {
    await using watched = await desk.open("#/chart?symbol=AAPL&from=2024-11-11&to=2024-11-22&timeframe=1d");
    const { page } = watched;
    const chart = page.locator("#chart[data-candles]");
    await chart.waitFor();
    expect([await chart.getAttribute("data-candles"), await chart.getAttribute("data-marks")]).toEqual([
      "9",
      "1",
    ]);
    expect(await page.textContent("#facts")).toContain("; 1 day missing (2024-11-19); ");
  });

  test("says what it cannot show, and what to do, and leaves no other chart in sight", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&from=2024-11-22&to=2024-11-22");
    const { page } = watched;
    await page.waitForSelector('#chart[data-candles="390"]');
    await page.fill("input[name=symbol]", "NDX");
    await page.press("input[name=symbol]", "Enter");
    await page.waitForSelector("[role=alert]");
    expect(await page.textContent("[role=alert]")).toContain("the cache has nothing of it (indices)");
    expect(await page.isVisible("#chart")).toBe(false);
    expect(await page.textContent("#facts")).toBe("");
    expect(await page.inputValue("input[name=symbol]")).toBe("NDX");
    await page.goBack();
    await page.locator("#chart").waitFor();
    expect(await page.isVisible("[role=alert]")).toBe(false);
  });

  test("takes the other day along when one is beyond it, and makes no pages of what is being typed", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&from=2024-11-20&to=2024-11-22");
    const { page } = watched;
    await page.waitForSelector("#chart[data-candles]");
    const pages = await page.evaluate<number>("history.length");
    await page.fill("input[name=to]", "2024-11-15");
    await page.locator("#facts", { hasText: "SPX, 2024-11-15:" }).waitFor();
    expect(await page.inputValue("input[name=from]")).toBe("2024-11-15");
    await page.fill("input[name=from]", "");
    expect(page.url()).toEndWith("from=2024-11-15&to=2024-11-15");
    expect(await page.evaluate<number>("history.length")).toBe(pages);
    await page.fill("input[name=to]", "");
    await page.click('button[title="The day before"]');
    await page.locator("#facts", { hasText: "SPX, 2024-11-21:" }).waitFor();
    await page.fill("input[name=to]", "");
    await page.click("text=5 years");
    // From its first day on: the days before that were never asked for.
    await page.locator("#facts", { hasText: "SPX, 2023-11-01 to 2024-11-22" }).waitFor();
    expect(watched.errors).toEqual([]);
  });

  test("shows the last day where the address leaves the days empty", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&from=&to=");
    await watched.page.locator("#facts", { hasText: "SPX, 2024-11-22: 390 1m bars" }).waitFor();
  });

  test("takes what a run brings into an open chart, and stays at a part that is looked at", async () => {
    forgetDay(desk.dir.path, "X:BTC-USD", TODAY);
    await using watched = await desk.open(
      `#/chart?symbol=X:BTC-USD&timeframe=1h&from=2024-11-20&to=${TODAY}`,
    );
    const { page, errors } = watched;
    await page.waitForSelector('#chart[data-candles="48"]');
    const env = desk.sandbox.environment;
    const again = ["api", "--symbols=X:BTC-USD", `--from=${TODAY}`, `--to=${TODAY}`, AT];
    expectExit(await run(again, { cwd: desk.dir.path, env }), 0);
    await page.waitForSelector('#chart[data-candles="72"]');
    const timeAt = async (part: number) => {
      const box = await page.locator("#chart").boundingBox();
      await page.hover("#chart", { position: { x: ((box?.width ?? 0) - 90) * part, y: 100 } });
      return (await page.textContent("#readout"))?.slice(0, 16);
    };
    expect([await timeAt(0.01), await timeAt(0.99)]).toEqual(["2024-11-20 00:00", `${TODAY} 22:00`]);
    await timeAt(0.01);
    for (let turns = 0; turns < 10; turns++) await page.mouse.wheel(0, -1000);
    await page.locator("#readout", { hasText: "2024-11-20" }).waitFor();
    const inSight = [await timeAt(0.01), await timeAt(0.99)];
    expect(inSight.join()).not.toContain(TODAY);
    const shown = page.waitForResponse(/api\/bars/);
    expectExit(await run(again, { cwd: desk.dir.path, env }), 0);
    await shown;
    await page.waitForSelector("#chart:not([aria-busy])");
    expect([await timeAt(0.01), await timeAt(0.99)]).toEqual(inSight);
    // Beyond its end too, where a part is blank.
    await page.mouse.move(900, 300);
    await page.mouse.down();
    await page.mouse.move(300, 300, { steps: 5 });
    await page.mouse.up();
    const dragged = [await timeAt(0.01), await timeAt(0.2), await timeAt(0.4)];
    const next = page.waitForResponse(/api\/bars/);
    expectExit(await run(again, { cwd: desk.dir.path, env }), 0);
    await next;
    await page.waitForSelector("#chart:not([aria-busy])");
    expect([await timeAt(0.01), await timeAt(0.2), await timeAt(0.4)]).toEqual(dragged);
    expect(errors).toEqual([]);
  });

  test("leaves alone what is being typed while a run writes, and forgets what was typed and undone", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&from=2024-11-22&to=2024-11-22");
    const { page } = watched;
    await page.waitForSelector('#chart[data-candles="390"]');
    await page.focus("input[name=from]");
    await page.keyboard.press("Backspace");
    expect(await page.inputValue("input[name=from]")).toBe("");
    const shown = page.waitForResponse(/api\/bars/);
    const again = ["api", "--symbols=X:BTC-USD", `--from=${TODAY}`, `--to=${TODAY}`, AT];
    expectExit(await run(again, { cwd: desk.dir.path, env: desk.sandbox.environment }), 0);
    await shown;
    await page.waitForSelector("#chart:not([aria-busy])");
    expect(await page.inputValue("input[name=from]")).toBe("");
    await page.focus("input[name=symbol]");
    await page.keyboard.type("X");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Tab");
    await page.goto(`${desk.view.url}#/chart?symbol=AAPL&from=2024-11-22&to=2024-11-22`);
    await page.locator("#facts", { hasText: "AAPL" }).waitFor();
    expect(await page.inputValue("input[name=symbol]")).toBe("AAPL");
    await page.fill("input[name=symbol]", "");
    await page.click('button[title="The day before"]');
    await page.locator("#facts", { hasText: "AAPL, 2024-11-21:" }).waitFor();
  });

  test("says why a day has no chart", async () => {
    await using watched = await desk.open("#/chart?symbol=SPX&from=2024-11-16&to=2024-11-16");
    const { page } = watched;
    await page.locator("#facts", { hasText: "closed" }).waitFor();
    expect(await page.textContent("#facts")).toBe(
      "SPX, 2024-11-16: 0 1m bars, New York time; the market is closed (weekend)",
    );
    expect(await page.isVisible("#chart")).toBe(false);
    await page.click('button[title="The day before"]');
    await page.waitForSelector('#chart[data-candles="390"]');
  });

  test("is found again as it was left", async () => {
    await using watched = await desk.open("#/coverage", { viewport: { width: 600, height: 400 } });
    const { page } = watched;
    await page.fill("input[type=search]", "x:");
    await page.waitForSelector('[data-symbol="X:BTC-USD"][data-drawn]');
    await page.locator("canvas[role=application]").focus();
    await page.keyboard.press("ArrowLeft");
    const day = await page.textContent("#told");
    const scrolled = await page.evaluate<number>("scrollTo(0, 60), scrollY");
    expect(scrolled).toBeGreaterThan(0);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#chart[data-candles]");
    expect(await page.title()).toBe("X:BTC-USD, Chart – massive-backfill");
    await page.goBack();
    await page.locator("canvas[role=application]").waitFor();
    expect(await page.inputValue("input[type=search]")).toBe("x:");
    expect(await page.evaluate<number>("scrollY")).toBe(scrolled);
    expect(await page.textContent("#told")).toBe(day);
    await page.keyboard.press("Escape");
    expect(await page.isVisible("#tip")).toBe(false);
    await page.click("text=Chart");
    await page.locator("#facts", { hasText: "X:BTC-USD" }).waitFor();
  });

  test("lists what the database lacks, and the runs", async () => {
    await using watched = await desk.open("#/outbox");
    const { page } = watched;
    await page.waitForSelector("table");
    expect(await page.textContent("tbody tr")).toMatch(
      /^127\.0\.0\.1:\d+\/page public\.historical_bars75,515/,
    );
    await page.click("text=Runs");
    await page.waitForSelector("th:has-text('Command')");
    const commands = await page.$$eval("main > div:not([hidden]) tbody tr td:nth-child(2)", (cells) =>
      cells.map((cell) => cell.textContent),
    );
    expect(commands.slice(-2)).toEqual(["api", "hybrid"]);
  });

  test("fits a phone without scrolling sideways, in both schemes", async () => {
    const backgrounds: string[] = [];
    for (const colorScheme of ["light", "dark"] as const)
      for (const hash of ["#/coverage", "#/chart?symbol=SPX", "#/outbox", "#/runs"]) {
        await using watched = await desk.open(hash, { viewport: { width: 400, height: 800 }, colorScheme });
        const { page } = watched;
        await page.waitForSelector("canvas, table");
        expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(400);
        backgrounds.push(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"));
      }
    expect(new Set(backgrounds)).toEqual(new Set(["rgb(255, 255, 255)", "rgb(13, 17, 23)"]));
  });

  test("shows a run of another process as it goes on, and what it brought, without being reloaded", async () => {
    await using watched = await desk.open("#/coverage");
    const { page } = watched;
    await page.waitForSelector('[data-symbol="SPX"][data-drawn]');
    await page.fill("input[type=search]", "-USD");
    const env = desk.sandbox.environment;
    // Slow enough to be seen, and one symbol more than the page knows.
    desk.sandbox.faults.add({ match: /aggs/, times: 1, fault: { kind: "stall" } });
    const more = ["api", "--symbols=C:EUR-USD", "--from=2024-11-18", `--to=${TODAY}`, AT];
    const running = start(more, { cwd: desk.dir.path, env });
    await page.waitForSelector("#live:not([hidden])");
    expect(await page.textContent("#live")).toStartWith("api is at work");
    running.signal("SIGINT");
    expectExit(await running.ended, 130);
    expectExit(await run(more, { cwd: desk.dir.path, env }), 0);
    await page.waitForSelector('[data-symbol="C:EUR-USD"]');
    await page.waitForSelector("#live", { state: "hidden" });
    expect(await page.textContent("#told")).toBe("api is at work no more");
    expect(await page.inputValue("input[type=search]")).toBe("-USD");
    expect(await page.evaluate<string>("document.activeElement.type")).toBe("search");
  });

  test("tells of a run that was killed, without being reloaded", async () => {
    await using watched = await desk.open("#/runs");
    const { page } = watched;
    await page.waitForSelector("th:has-text('Command')");
    desk.sandbox.faults.add({ match: /aggs/, times: 1, fault: { kind: "stall" } });
    const running = start(["api", "--symbols=C:GBP-USD", `--from=${TODAY}`, `--to=${TODAY}`, AT], {
      cwd: desk.dir.path,
      env: desk.sandbox.environment,
    });
    await page.waitForSelector("#live:not([hidden])");
    running.signal("SIGKILL");
    await running.ended;
    await page.waitForSelector("#live", { state: "hidden" });
    await page.locator("tbody tr:first-child", { hasText: "never came to its end" }).waitFor();
  });

  test("stays at its day in a calendar to which a run brings earlier ones", async () => {
    await using watched = await desk.open("#/coverage");
    const { page } = watched;
    const calendar = page.locator('[data-symbol="X:BTC-USD"]');
    await calendar.scrollIntoViewIfNeeded();
    await calendar.locator("canvas").focus();
    expect(await page.textContent("#told")).toStartWith("Fri 2024-11-22");
    const earlier = ["api", "--symbols=X:BTC-USD", "--from=2022-12-28", "--to=2022-12-29", AT];
    expectExit(await run(earlier, { cwd: desk.dir.path, env: desk.sandbox.environment }), 0);
    await calendar.locator(".years", { hasText: "2022" }).waitFor();
    await page.keyboard.press("ArrowLeft");
    expect(await page.textContent("#told")).toStartWith("Thu 2024-11-21");
  });
});
