import { SETTINGS } from "../../src/core/settings.ts";
import { tempDir, type TempDir } from "../support/temp-dir.ts";

const VARIABLES = [
  ...Object.values(SETTINGS).map((setting) => setting.variable),
  "SUPABASE_URL",
  "SUPABASE_SERVICE_ROLE_KEY",
];

/**
 * A new empty working directory, and an environment that sets nothing of ours; disposing of it brings back
 * both as they were.
 */
export function emptyWorkplace(): TempDir {
  const dir = tempDir();
  const previousDir = process.cwd();
  const previousValues = VARIABLES.map((variable) => [variable, process.env[variable]] as const);
  process.chdir(dir.path);
  for (const variable of VARIABLES) delete process.env[variable];
  return {
    path: process.cwd(),
    [Symbol.dispose]() {
      process.chdir(previousDir);
      for (const [variable, value] of previousValues)
        if (value === undefined) delete process.env[variable];
        else process.env[variable] = value;
      dir[Symbol.dispose]();
    },
  };
}
