import { describe, expect, test } from "bun:test";
import { invocationText } from "../../../src/cli/render/invocation.ts";

function again(dataDir: string): string {
  return invocationText({ "data-dir": dataDir })("sync");
}

describe("invocationText", () => {
  test("is the bare command for the default cache", () => {
    expect(invocationText({ symbols: "SPX", json: true })("status")).toBe("npx bun run backfill:status --");
  });

  test("repeats the data directory, so that a shell reads it as one word", () => {
    expect(again("/srv/bars_1.0@x")).toBe("npx bun run backfill:sync -- --data-dir=/srv/bars_1.0@x");
    expect(again("My Bars")).toBe("npx bun run backfill:sync -- --data-dir='My Bars'");
    expect(again("it's")).toBe(String.raw`npx bun run backfill:sync -- --data-dir='it'\''s'`);
    expect(again("$(rm -rf ~)")).toBe("npx bun run backfill:sync -- --data-dir='$(rm -rf ~)'");
  });

  test("repeats the table, without which sync would write another one", () => {
    expect(invocationText({ table: "research.bars", "data-dir": "d" })("view")).toBe(
      "npx bun run backfill:view -- --data-dir=d",
    );
    expect(invocationText({ table: "research.bars" })("sync")).toBe(
      "npx bun run backfill:sync -- --table=research.bars",
    );
  });

  test("repeats which days and symbols only where the same is to be done again", () => {
    const repeated = invocationText({
      symbols: "SPX,NDX",
      "symbols-file": "my list.txt",
      dataset: "indices",
      from: "2024-11-20",
      to: "2024-11-22",
      days: "3",
      today: "2024-11-22",
      "data-dir": "bars",
      json: true,
      "dry-run": true,
    });
    expect(repeated("hybrid", "same scope")).toBe(
      "npx bun run backfill:hybrid -- --symbols=SPX,NDX --symbols-file='my list.txt' --dataset=indices --days=3 --from=2024-11-20 --to=2024-11-22 --today=2024-11-22 --data-dir=bars",
    );
    expect(repeated("status")).toBe("npx bun run backfill:status -- --data-dir=bars");
  });

  test("repeats how files are fetched and that they are not kept where the same is to be done again", () => {
    const repeated = invocationText({ days: "3", connections: "4", "max-rate": "10MB/s", keep: false });
    expect(repeated("hybrid", "same scope")).toBe(
      "npx bun run backfill:hybrid -- --days=3 --connections=4 --max-rate=10MB/s --no-keep",
    );
    expect(repeated("hybrid")).toBe("npx bun run backfill:hybrid --");
  });

  test("says that the database has to be named again, without its password", () => {
    const text = invocationText({ "database-url": "postgres://me:secret@db:5432/market" })("sync");
    expect(text).toContain("--database-url=");
    expect(text).not.toContain("secret");
  });
});
