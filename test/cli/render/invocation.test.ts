import { describe, expect, test } from "bun:test";
import { invocationText } from "../../../src/cli/render/invocation.ts";

function again(dataDir: string): string {
  return invocationText({ "data-dir": dataDir })("sync");
}

describe("invocationText", () => {
  test("is the bare command for the default cache", () => {
    expect(invocationText({ symbols: "SPX", json: true })("status")).toBe("massive-backfill status");
  });

  test("repeats the data directory, so that a shell reads it as one word", () => {
    expect(again("/srv/bars_1.0@x")).toBe("massive-backfill sync --data-dir=/srv/bars_1.0@x");
    expect(again("My Bars")).toBe("massive-backfill sync --data-dir='My Bars'");
    expect(again("it's")).toBe(String.raw`massive-backfill sync --data-dir='it'\''s'`);
    expect(again("$(rm -rf ~)")).toBe("massive-backfill sync --data-dir='$(rm -rf ~)'");
  });

  test("repeats the table, without which sync would write another one", () => {
    expect(invocationText({ table: "research.bars" })("sync")).toBe(
      "massive-backfill sync --table=research.bars",
    );
  });

  test("says that the database has to be named again, without its password", () => {
    const text = invocationText({ "database-url": "postgres://me:secret@db:5432/market" })("sync");
    expect(text).toContain("--database-url=");
    expect(text).not.toContain("secret");
  });
});
