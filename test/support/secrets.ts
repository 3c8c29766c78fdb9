import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { RunOptions } from "./binary.ts";

const SECRET_VARIABLE = /KEY|SECRET|PASSWORD/;
const URL_PASSWORD = /^[a-z]+:\/\/(?:[^/@]*?:([^@]+)@|.*[?&]password=([^&]+))/;
const SETTINGS_FILES = [".env.local", ".env"];
/** Shorter texts are found by chance. */
const SHORTEST_SECRET = 6;

/**
 * The secrets that a run is given by flags, environment and settings files: keys, the passwords of database URLs and
 * the paths of health checks, in every spelling in which one could come to light.
 */
export function secretsOf(args: readonly string[], { cwd, env = {} }: RunOptions): string[] {
  const files = SETTINGS_FILES.map((name) => join(cwd, name)).filter(existsSync);
  const sources = [env, ...files.map((path) => parseEnv(readFileSync(path, "utf8")))];
  const secrets = new Set<string>();
  for (const source of sources)
    for (const [name, value = ""] of Object.entries(source)) {
      if (SECRET_VARIABLE.test(name)) secrets.add(value);
      if (name === "MASSIVE_HEALTHCHECK_URL") addPath(secrets, value);
      addPassword(secrets, value);
    }
  for (const argument of args) {
    const value = argument.replace(/^--[a-z-]+=/, "");
    if (argument.startsWith("--healthcheck-url=")) addPath(secrets, value);
    addPassword(secrets, value);
  }
  return [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(spellings);
}

function addPassword(secrets: Set<string>, url: string): void {
  const [, ofUser, ofParameter] = URL_PASSWORD.exec(url) ?? [];
  const password = ofUser ?? ofParameter;
  if (password !== undefined) secrets.add(decodeURIComponent(password));
}

/** Whoever knows the path of a check may report for it; its host anybody may see. */
function addPath(secrets: Set<string>, url: string): void {
  const path = URL.parse(url)?.pathname.slice(1);
  if (path) secrets.add(path);
}

function spellings(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString("base64").replaceAll("=", ""),
  ];
}

/**
 * Fails if a secret stands in what a run said or in any file it left under `folder`. The settings files, where
 * the user wrote them, may have them.
 */
export function assertNoSecrets(
  secrets: readonly string[],
  said: { readonly stdout: string; readonly stderr: string },
  folder: string,
): void {
  const places: [string, Buffer][] = [
    ["stdout", Buffer.from(said.stdout)],
    ["stderr", Buffer.from(said.stderr)],
  ];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    const facts = statSync(path, { throwIfNoEntry: false });
    if (!SETTINGS_FILES.includes(name) && facts?.isFile() === true) places.push([name, readFileSync(path)]);
  }
  for (const [place, bytes] of places)
    for (const secret of secrets)
      if (bytes.includes(secret)) throw new Error(`${place} shows the secret ${secret.slice(0, 3)}…`);
}
