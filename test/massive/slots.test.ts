import { describe, expect, test } from "bun:test";
import { Slots } from "../../src/massive/slots.ts";
import { reasonOf } from "./support.ts";

describe("Slots", () => {
  test("runs as many at once as there are places, the others in the order in which they came", async () => {
    const slots = new Slots(2);
    const log: string[] = [];
    const gates = ["a", "b", "c", "d"].map((name) => ({ name, ...Promise.withResolvers<void>() }));
    const runs = gates.map(({ name, promise }) =>
      slots.run({ signal: undefined }, async () => {
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
    expect(await reasonOf(slots.run({ signal: undefined }, () => Promise.reject(failure)))).toBe(failure);
    expect(await slots.run({ signal: undefined }, async () => "done")).toBe("done");
  });

  test("whoever gives up leaves the queue, with the signal's reason", async () => {
    const slots = new Slots(1);
    const gate = Promise.withResolvers<void>();
    const first = slots.run({ signal: undefined }, () => gate.promise);
    const controller = new AbortController();
    const impatient = slots.run({ signal: controller.signal }, async () => "never");
    const patient = slots.run({ signal: undefined }, async () => "done");
    const reason = new Error("no more");
    controller.abort(reason);
    expect(await reasonOf(impatient)).toBe(reason);
    gate.resolve();
    await first;
    expect(await patient).toBe("done");
  });

  test("does not begin under a signal that is aborted already", async () => {
    const reason = new Error("no more");
    expect(await reasonOf(new Slots(1).run({ signal: AbortSignal.abort(reason) }, async () => "never"))).toBe(
      reason,
    );
  });

  test("a throttled request leaves fewer places, and requests that come through bring them back", async () => {
    const slots = new Slots(4);
    await slots.run({ signal: undefined }, async (place) => place.throttled());
    expect(await mostAtOnce(slots, 8)).toBe(2);
    for (let request = 0; request < 5; request++)
      await slots.run({ signal: undefined }, async (place) => place.succeeded());
    expect(await mostAtOnce(slots, 8)).toBe(4);
  });

  test("whoever returns comes before those who have not begun", async () => {
    const slots = new Slots(1);
    const gate = Promise.withResolvers<void>();
    const log: string[] = [];
    const held = slots.run({ signal: undefined }, () => gate.promise);
    const begins = slots.run({ signal: undefined }, async () => log.push("begins"));
    const returns = slots.run({ signal: undefined, returns: true }, async () => log.push("returns"));
    gate.resolve();
    await Promise.all([held, begins, returns]);
    expect(log).toEqual(["returns", "begins"]);
  });
});

/** How many of `count` pieces of work run side by side. */
async function mostAtOnce(slots: Slots, count: number): Promise<number> {
  let [running, most] = [0, 0];
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
  };
  await Promise.all(Array.from({ length: count }, () => slots.run({ signal: undefined }, work)));
  return most;
}
