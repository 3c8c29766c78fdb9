import { addDays, newYorkDate } from "../../core/dates.ts";
import { BackfillError } from "../../core/errors.ts";
import { formatBytes, plural } from "../../core/format.ts";
import type { SymbolSelection } from "../../core/symbols.ts";
import { openFlatFiles } from "../../massive/s3-client.ts";
import { assertRoom, RESERVE_BYTES } from "../disk-space.ts";
import type { RunContext } from "../context.ts";
import { recallRefusals } from "../entitlement.ts";
import { planBySource } from "../planning/choose-route.ts";
import { measuredSpeeds } from "../speeds.ts";
import { survey } from "../survey.ts";
import { planTransfer, type Transfer } from "../transfer.ts";
import { freeBytesAt } from "./check-place.ts";
import { fromError, green, red, skipped, yellow, type Finding } from "./findings.ts";
import { deadlineOf, S3_PATIENCE } from "./patience.ts";

const DISK = "disk";
/** What `hybrid` brings if it is told no days. */
const DAYS = 90;
/** Below that, the cache of a few symbols and SQLite's log may not fit. */
const LITTLE_BYTES = 500_000_000;

/** Whether the disk can take what the next `hybrid` would fetch. */
export async function checkDisk(context: RunContext, selection: SymbolSelection): Promise<Finding> {
  const { settings, signal } = context;
  const freeBytes = await freeBytesAt(settings.dataDir);
  if (freeBytes === null) return skipped(DISK, "nothing says how much is free");
  const free = `${formatBytes(freeBytes)} free`;
  const isPlannable = settings.s3 !== null && selection.symbols.length + selection.wholeDatasets.length > 0;
  const deadline = deadlineOf(signal);
  let transfer: Transfer | null;
  try {
    transfer = isPlannable ? await nextTransfer({ ...context, signal: deadline }, selection) : null;
  } catch (error) {
    signal.throwIfAborted();
    // That the vendor does not answer is the matter of another line.
    if (!(error instanceof BackfillError) && !deadline.aborted) throw error;
    transfer = null;
  }
  if (transfer === null) {
    const [state, fix] = [
      freeBytes < RESERVE_BYTES ? red : yellow,
      "Make room, or choose a --data-dir on another disk.",
    ];
    return freeBytes < LITTLE_BYTES ? state(DISK, free, fix, "disk") : green(DISK, free);
  }
  const need = `the next hybrid of ${DAYS} days fetches ${plural(transfer.files.length, "file")}, ${formatBytes(transfer.bytes)}`;
  try {
    assertRoom({ dataDir: settings.dataDir, freeBytes, transfer, connections: 16, keepFiles: true });
    return green(DISK, `${free}; ${need}`);
  } catch (error) {
    const { fix, help } = fromError(DISK, error);
    return red(DISK, `${free}; ${need}`, fix ?? "", help);
  }
}

async function nextTransfer(context: RunContext, selection: SymbolSelection): Promise<Transfer> {
  const { cache, settings, nowMs } = context;
  if (settings.s3 === null) return planTransfer(settings.dataDir, []);
  const flatFiles = openFlatFiles(settings.s3, S3_PATIENCE);
  try {
    const to = newYorkDate(nowMs);
    const facts = await survey(context, {
      selection,
      from: addDays(to, -DAYS),
      to,
      flatFiles,
      useFiles: settings.source !== "api",
      api: settings.rest !== null,
      recheckDays: 0,
      refusals: recallRefusals(cache, nowMs, { recheck: false }),
    });
    const plan = planBySource(facts, settings.source, measuredSpeeds(cache, null));
    return await planTransfer(settings.dataDir, plan.files);
  } finally {
    flatFiles.close();
  }
}
