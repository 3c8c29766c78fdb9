import { expect, test } from "bun:test";
import { processTerminal } from "../../src/cli/terminal.ts";

test("what is drawn on the screen is taken off before anything is written", () => {
  const events: string[] = [];
  const terminal = processTerminal({ write: (text) => events.push(`write ${text}`) });
  terminal.out("one");
  terminal.drawing = { close: () => events.push("close") };
  terminal.out("two");
  expect(events).toEqual(["write one", "close", "write two"]);
});
