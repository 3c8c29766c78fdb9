import type { ArgsDef } from "citty";
import { BackfillError } from "../core/errors.ts";
import type { Command, Operand } from "./command.ts";

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
export function checkArguments(
  command: string,
  rawArgs: readonly string[],
  { flags: definitions, operand }: Pick<Command, "flags" | "operand">,
): void {
  let operandIsGiven = false;
  const given = new Set<ArgsDef[string]>();
  for (let at = 0; at < rawArgs.length; at++) {
    const argument = rawArgs[at] ?? "";
    if (!argument.startsWith("-") || argument === "-") {
      if (operand !== undefined && !operandIsGiven) {
        if (operand.values?.includes(argument) === false) throw unknownOperand(command, operand, argument);
        operandIsGiven = true;
        continue;
      }
      throw usage(command, argument, "is not expected here: everything is given by flags");
    }
    const isLong = argument.startsWith("--");
    const [name, value] = splitOnce(argument.replace(/^--?/, ""));
    const definition = find(definitions, isLong ? name : "", name);
    if (definition === undefined) throw usage(command, argument, unknownFlag(name, Object.keys(definitions)));
    if (definition.type === "boolean") {
      const mayHaveValue = isLong && !name.startsWith("no-");
      if (value !== undefined && !(mayHaveValue && (value === "true" || value === "false")))
        throw usage(command, argument, "takes no value");
      continue;
    }
    // The last would win and the others be lost without a word.
    if (given.has(definition)) throw usage(command, argument, "is given twice");
    given.add(definition);
    const next = rawArgs[at + 1];
    if (value === undefined ? next === undefined || next.startsWith("-") : value === "")
      throw usage(command, argument, "needs a value");
    if (value === undefined) at++;
  }
  if (operand !== undefined && !operandIsGiven) throw unknownOperand(command, operand, null);
}

function unknownOperand(
  command: string,
  { name, values, example }: Operand,
  given: string | null,
): BackfillError {
  const oneOf = values === null ? `Write it, such as` : `Write one of ${values.join(", ")}, such as`;
  return new BackfillError({
    kind: "usage",
    operation: `read the command line of ${command}`,
    reason: given === null ? `the ${name} is missing` : `"${given}" is not a ${name} that it knows`,
    nextStep: `${oneOf}: massive-backfill ${command} ${example ?? values?.[0] ?? ""}`,
  });
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
  const near = nearestWord(name, known);
  return near === undefined
    ? "is no flag of this command"
    : `is no flag of this command; did you mean --${near}?`;
}

/** The word that was probably meant; undefined if none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((other) => ({ other, distance: editDistance(word, other) }))
    .filter(
      ({ other, distance }) =>
        (distance <= 2 && distance < word.length) || (word.length > 1 && other.startsWith(word)),
    )
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.other;
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
