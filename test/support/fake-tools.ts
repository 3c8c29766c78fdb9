import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Stand-ins for programs of the machine, in a folder to put first on PATH. */
export interface FakeTools {
  readonly PATH: string;
  /** Each call so far, such as `systemctl --user daemon-reload`. */
  readonly calls: () => string[];
}

/** Writes a shell script for each tool under `folder`; each call is kept before the script runs, with $FOLDER set. */
export function fakeTools(folder: string, scripts: Readonly<Record<string, string>>): FakeTools {
  const bin = join(folder, "bin");
  const log = join(folder, "calls");
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\nFOLDER='${folder}'\necho "${name} $*" >>'${log}'\n${script}\n`,
    );
    chmodSync(join(bin, name), 0o755);
  }
  return {
    // Programs of the machine itself stay out, but for what the scripts need.
    PATH: `${bin}:${coreTools(folder)}`,
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []),
  };
}

/** A crontab program that keeps the crontab in `$FOLDER/crontab`, as cron's own does. */
export const CRONTAB = `case "$1" in
  -l) if [ -e "$FOLDER/crontab" ]; then cat "$FOLDER/crontab"; else echo "no crontab for me" >&2; exit 1; fi ;;
  -) cat >"$FOLDER/crontab" ;;
  *) exit 2 ;;
esac`;

function coreTools(folder: string): string {
  const core = join(folder, "core");
  mkdirSync(core, { recursive: true });
  const path = Bun.which("cat");
  if (path === null) throw new Error("there is no cat");
  writeFileSync(join(core, "cat"), `#!/bin/sh\nexec ${path} "$@"\n`);
  chmodSync(join(core, "cat"), 0o755);
  return core;
}
