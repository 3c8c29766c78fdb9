// Makes one index day: make-day.ts FOLDER DATE TICKERS MINUTES
import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeLargeDay } from "../../support/large-day.ts";
import { factsPath } from "./day-files.ts";
import { tickersToKeep } from "./tickers.ts";

/** The vendor's files have a fifth of the size of their text: what gzip makes of it by default. */
const LEVEL = 6;
const SESSION_MINUTES = 390;

const [folder = ".", date = "", tickers = "", minutes = ""] = process.argv.slice(2);
const path = join(folder, `${date}.csv.gz`);
// Longer days begin at midnight in New York, as those of indices that follow crypto do.
const start = Number(minutes) > SESSION_MINUTES ? "05:00" : "14:30";
const { rows } = await writeLargeDay({
  path: `${path}.part`,
  startMs: Date.parse(`${date}T${start}:00Z`),
  tickers: Number(tickers),
  minutes: Number(minutes),
  named: tickersToKeep(Number(tickers)),
  level: LEVEL,
});
const hasher = new Bun.CryptoHasher("md5");
for await (const chunk of Bun.file(`${path}.part`).stream()) hasher.update(chunk);
renameSync(`${path}.part`, path);
const facts = { sizeBytes: statSync(path).size, md5: hasher.digest("hex"), rows };
await Bun.write(factsPath(folder, date), JSON.stringify(facts));
