import { describe, expect, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { doctorText } from "../../../src/cli/render/doctor.ts";
import { helpCall } from "../../../src/cli/render/invocation.ts";
import { green, red, skipped, yellow } from "../../../src/workflows/doctor/findings.ts";

const SECTIONS = [
  { title: "Settings", findings: [green("keys", "an API key is set, S3 keys are not")] },
  {
    title: "Massive",
    findings: [
      red("API key", "the API key is not accepted (HTTP 401)", "Check MASSIVE_API_KEY.", "api-key"),
      yellow("calendar", "does not know 2024-12-23", "massive-backfill status --refresh-calendar"),
      skipped("S3 keys", `not set ${"and so on ".repeat(12)}`.trim()),
    ],
  },
];
const SETTINGS = [
  { name: "MASSIVE_API_KEY", value: "abcd…, 20 characters", origin: ".env.local" },
  { name: "MASSIVE_TABLE", value: "historical_bars", origin: "default" },
  { name: "DATABASE_URL", value: null, origin: null },
  { name: "MASSIVE_SYMBOLS", value: "SPX", origin: "flag" },
];
const PLAIN = { columns: 80, colour: false };

describe("what doctor says", () => {
  test("is readable without colours in 80 columns: a mark for each state, each fix below its line", () => {
    const text = doctorText(SECTIONS, SETTINGS, "0.1.0 (abc, linux-x64)", PLAIN);
    expect(text).toBe(`massive-backfill 0.1.0 (abc, linux-x64)

Settings
    MASSIVE_API_KEY  abcd…, 20 characters (.env.local)
    MASSIVE_SYMBOLS  SPX (flag)
  ✔ keys: an API key is set, S3 keys are not

Massive
  ✖ API key: the API key is not accepted (HTTP 401)
      → Check MASSIVE_API_KEY.
        More: ${helpCall("api-key")}
  ! calendar: does not know 2024-12-23
      → massive-backfill status --refresh-calendar
  · S3 keys: not set and so on and so on and so on and so on and so on and so
    on and so on and so on and so on and so on and so on and so on

1 thing to mend (✖), 1 thing to look at (!)
`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThan(80);
  });

  test("says the same with colours, which only the marks have", () => {
    const plain = doctorText(SECTIONS, SETTINGS, "1", PLAIN);
    const coloured = doctorText(SECTIONS, SETTINGS, "1", { ...PLAIN, colour: true });
    expect(stripVTControlCharacters(coloured)).toBe(plain);
    expect(coloured).toContain("  \u001B[31m✖\u001B[39m API key");
    expect(coloured).toContain("  \u001B[32m✔\u001B[39m keys");
  });

  test("ends well where nothing is to mend", () => {
    const well = [{ title: "Settings", findings: [green("keys", "set"), skipped("cache", "none yet")] }];
    expect(doctorText(well, [], "1", PLAIN)).toEndWith("  · cache: none yet\n\nAll is well.\n");
  });
});
