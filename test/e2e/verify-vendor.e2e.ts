import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { expectExit, run } from "../support/binary.ts";
import { tempDir } from "../support/temp-dir.ts";
import { lookAlike } from "../support/truth.ts";

setDefaultTimeout(60_000);

const [FROM, TO, TODAY] = ["2024-11-18", "2024-11-22", "2024-11-24"];
const RANGE = [`--from=${FROM}`, `--to=${TO}`, `--today=${TODAY}`];
const SYMBOLS = "--symbols=SPX,AAPL,X:BTC-USD,C:EUR-USD";

describe("the bars against the vendor", () => {
  test("agree with its day bars and with its API, and exit 6 tells where they do not", async () => {
    using dir = tempDir();
    await using vendor = await lookAlike(TODAY);
    const options = { cwd: dir.path, env: vendor.sandbox.environment };
    expectExit(await run(["hybrid", SYMBOLS, ...RANGE], options), 0);
    const both = await run(["verify", "--source", "--api", "--json", ...RANGE], options);
    expectExit(both, 0);
    expect(both.json()).toMatchObject({
      checks: [
        { check: "source", lookedAt: { files: 20, days: 20 }, faultCount: 0, notes: [] },
        { check: "api", lookedAt: { requests: 4, days: 20 }, faultCount: 0, notes: [] },
      ],
      faults: 0,
    });

    // An hour of minutes that no file has: what traders complain about.
    const close = vendor.sandbox.truth("indices", "I:SPX", TO).at(-1)?.close;
    using db = new Database(join(dir.path, "data", "massive.sqlite"), { strict: true });
    db.run(
      `DELETE FROM bars WHERE symbol_id = (SELECT id FROM symbols WHERE symbol = 'SPX')
         AND window_start_ms BETWEEN ${Date.parse(`${TO}T20:00Z`)} AND ${Date.parse(`${TO}T21:00Z`)}`,
    );
    db.close();
    const source = await run(["verify", "--source"], options);
    expectExit(source, 6);
    expect(source.stdout).toContain(`SPX ${TO}: `);
    expect(source.stdout).toContain(`close ${close} by the day bar, `);
    const api = await run(["verify", "--api", ...RANGE], options);
    expectExit(api, 6);
    expect(api.stdout).toContain(
      `SPX ${TO}: 60 bars by the API that the cache lacks (it has 330), the first at 15:00 New York`,
    );
  });

  test("are compared by sample without a range, the same one twice a day", async () => {
    using dir = tempDir();
    await using vendor = await lookAlike("2024-11-24");
    const options = { cwd: dir.path, env: vendor.sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", "--from=2024-09-30", ...RANGE.slice(1)], options), 0);
    const asked = async (today: string) => {
      vendor.sandbox.clearRequests();
      const sample = await run(["verify", "--api", `--today=${today}`], options);
      expectExit(sample, 0);
      expect(sample.stdout).toContain("5 days");
      return vendor.sandbox.requests.map(({ path }) => path).toSorted((a, b) => (a < b ? -1 : 1));
    };
    const first = await asked("2024-11-24");
    expect(await asked("2024-11-24")).toEqual(first);
    expect(await asked("2024-11-23")).not.toEqual(first);
  });

  test("are compared without flat files too: days that the API gave, with its day bars", async () => {
    using dir = tempDir();
    await using vendor = await lookAlike(TODAY);
    const { MASSIVE_API_KEY = "", MASSIVE_API_URL = "" } = vendor.sandbox.environment;
    const options = { cwd: dir.path, env: { MASSIVE_API_KEY, MASSIVE_API_URL } };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    vendor.sandbox.falsify("indices", "I:SPX", TO, { high: 9999 });
    const source = await run(["verify", "--source", "--json", `--today=${TODAY}`], options);
    expectExit(source, 6);
    expect(source.json()).toMatchObject({
      checks: [
        {
          check: "source",
          lookedAt: { requests: 1, days: 5, bars: 5 * 390 },
          kinds: { "day-differs": 1 },
          faults: [
            { symbol: "SPX", date: TO, detail: expect.stringContaining("high 9999 by the day bar, ") },
          ],
          notes: [],
        },
      ],
    });
  });

  test("need keys: exit 3 without them", async () => {
    using dir = tempDir();
    await using vendor = await lookAlike(TODAY);
    const options = { cwd: dir.path, env: vendor.sandbox.environment };
    expectExit(await run(["hybrid", "--symbols=SPX", ...RANGE], options), 0);
    for (const check of ["--source", "--api"]) {
      const none = await run(["verify", check], { cwd: dir.path });
      expectExit(none, 3);
      expect(none.stdout).toBe("");
    }
  });
});
