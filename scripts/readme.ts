// Writes what is made from elsewhere: the reference parts of README.md from the definitions of commands, settings and
// exit codes, and its Performance section and chart from the kept results of the bench.
import { fillSections, referenceSections } from "../src/cli/reference.ts";
import { COMMANDS } from "../src/cli/registry.ts";
import { performanceChart } from "../test/bench/report/chart.ts";
import { performanceSection } from "../test/bench/report/readme.ts";
import { readResults } from "../test/bench/support/results.ts";

const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
const results = readResults(await Bun.file("test/bench/results.json").text());
const sections = { ...referenceSections(commands), performance: performanceSection(results) };
await Bun.write("README.md", fillSections(await Bun.file("README.md").text(), sections));
await Bun.write("docs/performance.svg", performanceChart(results));
