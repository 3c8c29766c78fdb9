import type { ArgsDef } from "citty";
import { BackfillError } from "../core/errors.ts";

/** Flags of the guide that have another name here. */
const OLD_NAMES: Readonly<Record<string, string>> = { "start-date": "from", "end-date": "to" };

/**
 * Brings a command line into one form: the `--` that package managers pass on is dropped, `--startDate` becomes
 * `--from`, and any other camelCase flag its kebab-case form.
 */
export function normalizeArguments(argv: readonly string[]): string[] {
  return argv
    .filter((argument) => argument !== "--")
    .map((argument) => {
      const flag = /^--([A-Za-z][A-Za-z-]*)(=.*)?$/s.exec(argument);
      if (flag === null) return argument;
      const name = (flag[1] ?? "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      return `--${OLD_NAMES[name] ?? name}${flag[2] ?? ""}`;
    });
}

/**
 * Makes sure that every argument is one the command knows: citty ignores the others.
 * @throws BackfillError (usage) that names the argument and what was probably meant.
 */
export function checkArguments(command: string, rawArgs: readonly string[], definitions: ArgsDef): void {
  for (let at = 0; at < rawArgs.length; at++) {
    const argument = rawArgs[at] ?? "";
    if (!argument.startsWith("-") || argument === "-")
      throw usage(command, argument, "is not expected here: everything is given by flags");
    const [name, value] = splitOnce(argument.replace(/^--?/, ""));
    const definition = find(definitions, argument.startsWith("--") ? name : "", name);
    if (definition === undefined) throw usage(command, argument, unknownFlag(name, Object.keys(definitions)));
    if (definition.type === "boolean") {
      if (value !== undefined && value !== "true" && value !== "false")
        throw usage(command, argument, "takes no value");
      continue;
    }
    if (
      value !== undefined ? value !== "" : rawArgs[at + 1] !== undefined && !rawArgs[at + 1]?.startsWith("-")
    ) {
      if (value === undefined) at++;
      continue;
    }
    throw usage(command, argument, "needs a value");
  }
}

function find(definitions: ArgsDef, longName: string, shortName: string): ArgsDef[string] | undefined {
  if (Object.hasOwn(definitions, longName)) return definitions[longName];
  return Object.values(definitions).find(
    (definition) => "alias" in definition && definition.alias === shortName,
  );
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unknownFlag(name: string, known: readonly string[]): string {
  const near = known.find((other) => editDistance(name, other) <= 2 || other.startsWith(name));
  return near === undefined
    ? "is no flag of this command"
    : `is no flag of this command; did you mean --${near}?`;
}

function usage(command: string, argument: string, reason: string): BackfillError {
  return new BackfillError({
    kind: "usage",
    operation: `read the command line of ${command}`,
    reason: `${argument.split("=")[0]} ${reason}`,
    nextStep: `See massive-backfill ${command} --help.`,
  });
}

/** Levenshtein distance: insertions, deletions and replacements that lead from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++)
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1),
        ),
      );
    previous = current;
  }
  return previous[b.length] ?? 0;
}
