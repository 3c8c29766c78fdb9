import { alternate } from "../support/alternate.ts";
import { OURS } from "../support/backfill.ts";
import { atMost, measured, type BenchCase } from "../support/case.ts";
import { timed } from "../support/process.ts";

const HELLO = "hello world of citty and consola, compiled";
/** A run takes some milliseconds: many of them cost nothing and say more. */
const TIMES_AS_MANY = 4;
const MS = 1000;

export const startCase: BenchCase = {
  name: "start",
  title: "`--version`, whole process",
  async run(bench) {
    const times = await alternate(
      bench,
      [
        async () => ({ [OURS]: (await timed([bench.binary, "--version"])).seconds * MS }),
        async () => ({ [HELLO]: (await timed([bench.hello])).seconds * MS }),
      ],
      { unit: "ms", runs: bench.runs * TIMES_AS_MANY, warmUp: true },
    );
    return measured(times.all, [
      atMost(bench, 2, { what: "time against hello world", value: times.ratio(OURS, HELLO), unit: "×" }),
    ]);
  },
};
