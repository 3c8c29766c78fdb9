import { existsSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { isObject } from "../../support/binary.ts";
import { timed } from "./process.ts";

/**
 * Twenty sessions on end, none of them short or in summer time, so that every file has the same minutes. Another
 * session in between would be a day that the server lacks.
 */
const DATES = [
  ...["03", "04", "05", "06", "07", "10", "11", "12", "13", "14"].map((day) => `2025-02-${day}`),
  ...["18", "19", "20", "21", "24", "25", "26", "27", "28"].map((day) => `2025-02-${day}`),
  "2025-03-03",
];

/** An index day on disk, as the vendor has it: .csv.gz. */
export interface DayFile {
  readonly date: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly md5: string;
  readonly rows: number;
}

export interface DayShape {
  readonly tickers: number;
  readonly minutes: number;
}

const SCRIPT = join(import.meta.dir, "make-day.ts");

/** Makes days, and keeps them: twenty large ones take a minute or two. */
export class DayFiles {
  readonly #folder: string;
  readonly #say: (text: string) => void;

  constructor(folder: string, say: (text: string) => void) {
    this.#folder = folder;
    this.#say = say;
  }

  /** The first `count` of the twenty days, made now if they are not there. */
  async days(shape: DayShape, count: number): Promise<DayFile[]> {
    const folder = join(this.#folder, `${shape.tickers}x${shape.minutes}`);
    mkdirSync(folder, { recursive: true });
    const dates = DATES.slice(0, count);
    const missing = dates.filter((date) => !existsSync(factsPath(folder, date)));
    if (missing.length > 0)
      this.#say(`making ${missing.length} days of ${shape.tickers} tickers × ${shape.minutes} minutes`);
    const worker = async () => {
      for (let date = missing.shift(); date !== undefined; date = missing.shift())
        await timed([process.execPath, SCRIPT, folder, date, String(shape.tickers), String(shape.minutes)]);
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    return Promise.all(dates.map((date) => readFacts(folder, date)));
  }

  /** One day. */
  async day(shape: DayShape): Promise<DayFile> {
    const [day] = await this.days(shape, 1);
    if (day === undefined) throw new Error("no day was made");
    return day;
  }
}

/** Where `make-day.ts` notes what it has made, once it is there as a whole. */
export function factsPath(folder: string, date: string): string {
  return join(folder, `${date}.json`);
}

async function readFacts(folder: string, date: string): Promise<DayFile> {
  const facts: unknown = await Bun.file(factsPath(folder, date)).json();
  if (isObject(facts)) {
    const { sizeBytes, md5, rows } = facts;
    if (typeof sizeBytes === "number" && typeof md5 === "string" && typeof rows === "number")
      return { date, path: join(folder, `${date}.csv.gz`), sizeBytes, md5, rows };
  }
  throw new Error(`${factsPath(folder, date)} cannot be used: delete its folder`);
}
