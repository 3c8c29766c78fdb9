import type { FileHandle } from "node:fs/promises";

/** Writes all of `pieces`, one after the other, from `offset` on: one write may take only some of them. */
export async function writePieces(
  file: Pick<FileHandle, "writev">,
  pieces: readonly Uint8Array[],
  offset: number,
): Promise<void> {
  let left = [...pieces];
  for (let at = offset; left.length > 0;) {
    const { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    left = without(left, bytesWritten);
  }
}

/** What is left of `pieces` after their first `count` bytes. */
function without(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let skipped = count;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(skipped, piece.length));
    skipped -= piece.length - rest.length;
    return rest.length > 0 ? [rest] : [];
  });
}
