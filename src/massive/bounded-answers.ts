import { pipeline, Readable, Transform } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { BackfillError } from "../core/errors.ts";
import { memberOf } from "./unknown-json.ts";

/** A page of a listing has 1000 keys of at most 1024 bytes: some 2 MB at most. */
const MOST_BYTES = 8 << 20;

/**
 * Bounds the answers that the SDK reads whole before anybody sees them: listings and errors. The bytes of an object go
 * by as they come. An answer that is too large ends in a BackfillError (source, `unexpected-answer`).
 */
export function boundAnswers(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        const status = memberOf(result.response, "statusCode");
        const isObject = commandName === "GetObjectCommand" && (status === 200 || status === 206);
        if (!isObject) boundBody(result.response);
        return result;
      },
    // Right behind the one that sends, before the one that reads the answer.
    { step: "deserialize", priority: "low", name: "boundAnswers" },
  );
}

function boundBody(response: unknown): void {
  const body = memberOf(response, "body");
  if (typeof response !== "object" || response === null || !(body instanceof Readable)) return;
  const bounded = atMost(MOST_BYTES);
  // An error of either ends both, and comes to whoever reads the last.
  pipeline(body, bounded, () => {});
  Object.assign(response, { body: bounded });
}

function atMost(mostBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) done(tooLarge());
      else done(null, chunk);
    },
  });
}

function tooLarge(): BackfillError {
  return new BackfillError({
    kind: "source",
    code: "unexpected-answer",
    operation: "read an answer of the S3 server",
    reason: "it is larger than any listing or error is: reading it was ended",
    nextStep: "Check MASSIVE_S3_ENDPOINT, and whether a proxy or a login page stands in between.",
  });
}
