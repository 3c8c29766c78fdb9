import type { Results } from "../support/results.ts";

/** Results with one of everything. */
export const SOME_RESULTS: Results = {
  date: "2026-11-22",
  command: "bun run bench",
  machine: { cpu: "Some CPU", cores: 2, memoryBytes: 8 * 2 ** 30, os: "Some OS 1", bun: "1.4.5" },
  cases: [
    {
      name: "filter",
      title: "One day < two",
      series: [
        { name: "massive-backfill", unit: "s", median: 0.5, samples: [0.4, 0.5, 0.6] },
        { name: "peer", unit: "s", median: 1, samples: [1, 1, 12.34] },
      ],
      findings: [
        { what: "faster", value: 2, unit: "×", bound: "≥", target: 1.5, reached: true, note: null },
        { what: "memory", value: 250.4, unit: "MB", bound: "≤", target: 200, reached: false, note: "a leak" },
      ],
      remarks: ["peer is cold"],
      notRun: null,
    },
    {
      name: "download",
      title: "Download",
      series: [],
      findings: [],
      remarks: [],
      notRun: "no curl here",
    },
  ],
};
