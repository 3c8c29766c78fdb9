import { formatBytes, plural } from "../core/format.ts";
import type { FlatFiles } from "../massive/s3-client.ts";
import type { RunContext } from "./context.ts";
import { assertRoom, freeBytesOf } from "./disk-space.ts";
import type { Transfer } from "./transfer.ts";

/**
 * Says what is going to be fetched and makes sure that the disk can take it, before the first byte comes.
 * @throws BackfillError (cache, `disk-full`) if it cannot.
 */
export async function announceTransfer(
  { settings: { dataDir }, progress }: RunContext,
  { options: { connections, maxBytesPerSecond } }: FlatFiles,
  transfer: Transfer,
  keepFiles: boolean,
): Promise<void> {
  if (transfer.files.length === 0) return;
  assertRoom({ dataDir, freeBytes: await freeBytesOf(dataDir), transfer, connections, keepFiles });
  const limit = maxBytesPerSecond === null ? "" : `, at most ${formatBytes(maxBytesPerSecond)}/s`;
  const earlier =
    transfer.resumedBytes > 0 ? `; ${formatBytes(transfer.resumedBytes)} are here from an earlier run` : "";
  progress.info(
    `Downloading ${plural(transfer.files.length, "file")}, ${formatBytes(transfer.bytes)} over ${plural(connections, "connection")}${limit}${earlier}`,
  );
}
