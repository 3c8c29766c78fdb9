import { describe, expect, test } from "bun:test";
import { Slots } from "../../src/massive/slots.ts";
import { reasonOf } from "./support.ts";

describe("Slots", () => {
  test("runs as many at once as there are places, the others in the order in which they came", async () => {
    const slots = new Slots(2);
    const log: string[] = [];
    const gates = ["a", "b", "c", "d"].map((name) => ({ name, ...Promise.withResolvers<void>() }));
    const runs = gates.map(({ name, promise }) =>
      slots.run(undefined, async () => {
        log.push(`${name} begins`);
        await promise;
        log.push(`${name} ends`);
      }),
    );
    for (const index of [1, 0, 2, 3]) {
      gates[index]?.resolve();
      await runs[index];
    }
    expect(log).toEqual([
      "a begins",
      "b begins",
      "b ends",
      "c begins",
      "a ends",
      "d begins",
      "c ends",
      "d ends",
    ]);
  });

  test("gives the place back when the work fails", async () => {
    const slots = new Slots(1);
    const failure = new Error("failed");
    expect(await reasonOf(slots.run(undefined, () => Promise.reject(failure)))).toBe(failure);
    expect(await slots.run(undefined, async () => "done")).toBe("done");
  });

  test("whoever gives up leaves the queue, with the signal's reason", async () => {
    const slots = new Slots(1);
    const gate = Promise.withResolvers<void>();
    const first = slots.run(undefined, () => gate.promise);
    const controller = new AbortController();
    const impatient = slots.run(controller.signal, async () => "never");
    const patient = slots.run(undefined, async () => "done");
    const reason = new Error("no more");
    controller.abort(reason);
    expect(await reasonOf(impatient)).toBe(reason);
    gate.resolve();
    await first;
    expect(await patient).toBe("done");
  });

  test("does not begin under a signal that is aborted already", async () => {
    const reason = new Error("no more");
    expect(await reasonOf(new Slots(1).run(AbortSignal.abort(reason), async () => "never"))).toBe(reason);
  });
});
