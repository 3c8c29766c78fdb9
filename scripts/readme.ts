// Writes the reference parts of README.md from the definitions of commands, settings and exit codes.
import { fillSections, referenceSections } from "../src/cli/reference.ts";
import { COMMANDS } from "../src/cli/registry.ts";

const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
const readme = await Bun.file("README.md").text();
await Bun.write("README.md", fillSections(readme, referenceSections(commands)));
