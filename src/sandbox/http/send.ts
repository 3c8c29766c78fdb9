import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../faults.ts";
import type { Answer } from "./answer.ts";
import { contentSizeBytes, piecesOf } from "./content.ts";

const PACED_WRITES_PER_SECOND = 50;
const FLIPPED_BYTES = 16;

/**
 * Sends an answer the way the connection is meant to behave. Resolves when all is sent, or when the connection
 * is gone; a stalled answer resolves only when the client gives up or the look-alike stops.
 * @param bytesPerSecond largest rate of the body; undefined: as fast as it goes.
 * @param gone aborted when the connection is closed, by whichever side.
 */
export async function send(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
  bytesPerSecond: number | undefined,
  gone: AbortSignal,
): Promise<void> {
  if (gone.aborted) return;
  const end = endOf(answer, fault);
  if (end.kind !== "complete" && end.afterBytes === undefined) return breakOff(response, end.kind, gone);
  response.writeHead(answer.status, { ...answer.headers });
  response.flushHeaders();
  try {
    const limitBytes = end.afterBytes ?? Infinity;
    await sendBody(response, answer, { limitBytes, bytesPerSecond, fault, signal: gone });
  } catch (error) {
    if (gone.aborted) return;
    throw error;
  }
  if (end.kind === "complete") response.end();
  else await breakOff(response, end.kind, gone);
}

type BreakKind = "reset" | "stall" | "short";
type End =
  | { readonly kind: "complete"; readonly afterBytes?: undefined }
  | { readonly kind: BreakKind; readonly afterBytes: number | undefined };

// Never after the last byte: an answer that is smaller than the fault expects is still cut short.
function endOf(answer: Answer, fault: Fault | undefined): End {
  if (fault?.kind !== "reset" && fault?.kind !== "stall" && fault?.kind !== "short")
    return { kind: "complete" };
  const { kind, afterBytes } = fault;
  const lastByte = Math.max(0, contentSizeBytes(answer.content) - 1);
  return { kind, afterBytes: afterBytes === undefined ? undefined : Math.min(afterBytes, lastByte) };
}

async function breakOff(response: ServerResponse, kind: BreakKind, gone: AbortSignal): Promise<void> {
  const closed = once(gone, "abort");
  if (kind === "reset") response.socket?.resetAndDestroy();
  else if (kind === "short") response.socket?.end();
  await closed;
}

interface BodyDelivery {
  readonly limitBytes: number;
  readonly bytesPerSecond: number | undefined;
  readonly fault: Fault | undefined;
  readonly signal: AbortSignal;
}

async function sendBody(response: ServerResponse, answer: Answer, delivery: BodyDelivery): Promise<void> {
  const { limitBytes, bytesPerSecond, fault, signal } = delivery;
  const flipAt = fault?.kind === "flip" ? (fault.atByte ?? 0) : undefined;
  const pace = new Pace(bytesPerSecond, signal);
  let sentBytes = 0;
  for await (const piece of piecesOf(answer.content)) {
    const right = piece.subarray(0, limitBytes - sentBytes);
    const bytes = flipAt === undefined ? right : flipped(right, flipAt - sentBytes);
    for (let start = 0; start < bytes.length; start += pace.writeBytes) {
      const part = bytes.subarray(start, start + pace.writeBytes);
      if (!response.write(part)) await once(response, "drain", { signal });
      await pace.wrote(part.length);
    }
    sentBytes += right.length;
    signal.throwIfAborted();
    if (sentBytes >= limitBytes) return;
  }
}

function flipped(bytes: Uint8Array, start: number): Uint8Array {
  return bytes.map((byte, index) => (index >= start && index < start + FLIPPED_BYTES ? byte ^ 0xff : byte));
}

/** Keeps a body at its rate by waiting after each small write until its time has come. */
class Pace {
  readonly #bytesPerSecond: number | undefined;
  readonly #signal: AbortSignal;
  readonly #startMs = performance.now();
  /** Most bytes to write at once. */
  readonly writeBytes: number;
  #bytes = 0;

  constructor(bytesPerSecond: number | undefined, signal: AbortSignal) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#signal = signal;
    this.writeBytes =
      bytesPerSecond === undefined
        ? Infinity
        : Math.max(1, Math.ceil(bytesPerSecond / PACED_WRITES_PER_SECOND));
  }

  async wrote(bytes: number): Promise<void> {
    if (this.#bytesPerSecond === undefined) return;
    this.#bytes += bytes;
    const dueMs = this.#startMs + (this.#bytes / this.#bytesPerSecond) * 1000;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.#signal });
  }
}
