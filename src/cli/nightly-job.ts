import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { openCacheToRead } from "../cache/cache.ts";
import { trackedSelection } from "../cache/symbols.ts";
import type { Dataset } from "../core/datasets.ts";
import { errorText } from "../core/errors.ts";
import { SETTINGS, type SettingDefinition } from "../core/settings.ts";
import { datasetsOf, parseSymbols } from "../core/symbols.ts";
import { nightlyName, nightlyWeekdays, waitUntil, type NightlyJob } from "../workflows/schedule/job.ts";
import { datasetFlag, symbolNames, textFlag, type FlagValues } from "./flags.ts";
import type { Invocation } from "./run.ts";
import { SETTINGS_FILES, settingSources } from "./settings-sources.ts";

/** A nightly job and what its user has to know of it, in sentences. */
export interface NightlyPlan {
  readonly job: NightlyJob;
  readonly notes: readonly string[];
}

/** The job that runs `hybrid` for the data directory and the symbols of a command line, at `time` (`HH:MM`, New York). */
export function nightlyPlan(flags: FlagValues, { settings }: Invocation, time: string): NightlyPlan {
  const [workingDir, dataDir] = [process.cwd(), resolve(settings.dataDir)];
  const { datasets, notes } = datasetsToUpdate(flags, dataDir, settings.symbols);
  const until = waitUntil(time);
  const job = {
    name: nightlyName(dataDir),
    argv: [
      ...program(),
      "hybrid",
      `--data-dir=${dataDir}`,
      ...passedOn(flags),
      ...(until === null ? [] : ["--wait", `--until=${until}`]),
    ],
    workingDir,
    logPath: join(dataDir, "logs", "nightly.log"),
    time,
    weekdays: nightlyWeekdays(datasets),
  };
  return { job, notes: [...notes, ...settingsNotes(flags, workingDir)] };
}

/** This program: the compiled binary, or bun with the sources it was started from. */
function program(): string[] {
  const isCompiled = /[\\/](?:\$bunfs|~BUN)[\\/]/.test(import.meta.path);
  return isCompiled
    ? [process.execPath]
    : [process.execPath, "--no-env-file", resolve(import.meta.dir, "..", "main.ts")];
}

/** Flags of the command line that are for the nightly run. Secrets are none of them: crontabs and units can be read. */
function passedOn(flags: FlagValues): string[] {
  return ["symbols", "symbols-file", "dataset", "table"].flatMap((name) => {
    const value = textFlag(flags, name);
    if (value === undefined) return [];
    return [`--${name}=${name === "symbols-file" ? resolve(value) : value}`];
  });
}

function datasetsToUpdate(
  flags: FlagValues,
  dataDir: string,
  symbolsSet: readonly string[],
): { readonly datasets: readonly Dataset[]; readonly notes: readonly string[] } {
  const [names, dataset] = [symbolNames(flags), datasetFlag(flags)];
  if (names !== undefined) return { datasets: datasetsOf(parseSymbols(names, dataset)), notes: [] };
  try {
    const tracked = trackedDatasets(dataDir);
    if (tracked.length > 0) return { datasets: tracked, notes: [] };
    if (symbolsSet.length > 0) return { datasets: datasetsOf(parseSymbols(symbolsSet, dataset)), notes: [] };
    const none = `The cache in ${dataDir} tracks no symbols yet: name some with --symbols, or run hybrid once before the first night.`;
    return { datasets: [], notes: [none] };
  } catch (error) {
    return { datasets: [], notes: [`The days are those of the stock exchange: ${errorText(error)}.`] };
  }
}

function trackedDatasets(dataDir: string): readonly Dataset[] {
  const cache = openCacheToRead(dataDir);
  if (cache === null) return [];
  try {
    return datasetsOf(trackedSelection(cache));
  } finally {
    cache.close();
  }
}

/** Where the nightly run finds its settings, and which of today's it will not have. */
function settingsNotes(flags: FlagValues, workingDir: string): string[] {
  const files = SETTINGS_FILES.filter((name) => existsSync(join(workingDir, name)));
  const where =
    files.length > 0
      ? `Settings and keys come from ${files.map((name) => join(workingDir, name)).join(" and ")}: the entry holds no secrets.`
      : `There is no .env.local in ${workingDir}: put the keys there, the nightly run finds them nowhere else.`;
  const lost = onlyInEnvironment(flags);
  if (lost.length === 0) return [where];
  return [
    where,
    `Only this shell has ${lost.join(", ")}: put what the nightly run needs of it into .env.local too.`,
  ];
}

function onlyInEnvironment(flags: FlagValues): string[] {
  const inFiles = settingSources(flags).filter(({ origin }) => SETTINGS_FILES.includes(origin));
  return Object.values<SettingDefinition>(SETTINGS).flatMap(({ variable, flag }) => {
    const isGiven =
      variable === SETTINGS.dataDir.variable || (flag !== undefined && flags[flag] !== undefined);
    const isKept = inFiles.some(({ values }) => values[variable]?.trim());
    return process.env[variable]?.trim() && !isGiven && !isKept ? [variable] : [];
  });
}
