import { expect, test } from "bun:test";
import { lastWords } from "../../src/postgres/last-words.ts";

/** A message of the protocol: its type, its length, what it says. */
function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body));
  bytes.write(type, "latin1");
  bytes.writeInt32BE(bytes.length - 1, 1);
  bytes.write(body, 5);
  return bytes;
}

const FATAL = message("E", "SFATAL\0VFATAL\0C57P01\0Mterminating connection\0Fpostgres.c\0\0");
const READY = message("Z", "I");

test.each([
  ["an error alone", FATAL, "terminating connection"],
  [
    "an error after other messages, cut in front",
    Buffer.concat([Buffer.from("EE\0\0"), READY, FATAL]),
    "terminating connection",
  ],
  [
    "an error with other than ASCII letters",
    message("E", "SFATAL\0MVerbindung beendet — Grüße\0\0"),
    "Verbindung beendet — Grüße",
  ],
  ["an error that the session has survived", Buffer.concat([FATAL, READY]), null],
  ["an error that was cut", FATAL.subarray(0, -3), null],
  ["an error without a message", message("E", "SFATAL\0\0"), null],
  ["another message", READY, null],
  ["nothing", Buffer.alloc(0), null],
])("of %s", (_, data, words) => {
  expect(lastWords(data)).toBe(words);
});
