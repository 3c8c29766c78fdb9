import { join } from "node:path";
import { timed } from "./process.ts";

const ROOT = join(import.meta.dir, "..", "..", "..");
const PEERS = join(import.meta.dir, "..", "peers");
/** As scripts/build.ts has them, so that start-up is alike. */
const FLAGS = ["--compile", "--minify", "--bytecode", "--format=esm"];

export interface Binaries {
  readonly binary: string;
  readonly gunzip: string;
  readonly hello: string;
}

/** Builds the program and the peers that are compiled too; takes `MASSIVE_BACKFILL_BINARY` as it is, if set. */
export async function buildBinaries(folder: string): Promise<Binaries> {
  const given = process.env["MASSIVE_BACKFILL_BINARY"];
  if (given === undefined) await timed([process.execPath, join("scripts", "build.ts")], { cwd: ROOT });
  return {
    binary: given ?? join(ROOT, "dist", "massive-backfill"),
    gunzip: await compiled("gunzip", folder),
    hello: await compiled("hello", folder),
  };
}

async function compiled(peer: string, folder: string): Promise<string> {
  const path = join(folder, peer);
  const entry = join(PEERS, `${peer}.ts`);
  await timed([process.execPath, "build", entry, ...FLAGS, `--outfile=${path}`], { cwd: ROOT });
  return path;
}
