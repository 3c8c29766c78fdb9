import { describe, expect, test } from "bun:test";
import { systemClock } from "../../src/massive/clock.ts";
import { HoldOff } from "../../src/massive/hold-off.ts";
import { fakeClock, reasonOf } from "./support.ts";

const POLICY = { attempts: 4, baseDelayMs: 1000, maxDelayMs: 3000 };

function start() {
  const clock = fakeClock();
  return { clock, holdOff: new HoldOff(clock, POLICY) };
}

/** Asks to slow down again and again, each time as soon as the wait is over; returns the waits and the answers. */
async function askedTimes(count: number, { clock, holdOff }: ReturnType<typeof start>) {
  const answers: boolean[] = [];
  for (let round = 0; round < count; round++) answers.push(holdOff.asked(await holdOff.over(undefined)));
  return { answers, sleeps: clock.sleeps };
}

describe("a server that asks us to slow down", () => {
  test("is waited for longer each time, up to a limit, until it is given up", async () => {
    const { answers, sleeps } = await askedTimes(5, start());
    expect(answers).toEqual([true, true, true, false, false]);
    const [first = 0, second = 0, third = 0, ...ends] = sleeps;
    expect([first >= 500, first <= 1000]).toEqual([true, true]);
    expect([second >= 1000, second <= 2000]).toEqual([true, true]);
    expect([third >= 1500, third <= 3000]).toEqual([true, true]);
    // Once it is given up nobody waits in vain.
    expect(ends).toEqual([1]);
  });

  test("by several requests that were under way together has asked once", async () => {
    const { clock, holdOff } = start();
    const begunMs = await holdOff.over(undefined);
    for (let request = 0; request < 20; request++) expect(holdOff.asked(begunMs)).toBe(true);
    await holdOff.over(undefined);
    expect(clock.sleeps.length).toBe(1);
    expect(clock.sleeps[0]).toBeLessThanOrEqual(1000);
  });

  test("and then answers is trusted anew", async () => {
    const started = start();
    await askedTimes(3, started);
    started.holdOff.answered(await started.holdOff.over(undefined));
    expect((await askedTimes(3, started)).answers).toEqual([true, true, true]);
  });

  test("is not taken to have answered by what it was asked before", async () => {
    const started = start();
    const begunMs = await started.holdOff.over(undefined);
    await askedTimes(3, started);
    started.holdOff.answered(begunMs);
    expect((await askedTimes(1, started)).answers).toEqual([false]);
  });

  test("is not waited for by a run that was stopped", async () => {
    const holdOff = new HoldOff(systemClock, { ...POLICY, baseDelayMs: 60_000, maxDelayMs: 60_000 });
    holdOff.asked(await holdOff.over(undefined));
    const reason = new Error("stopped");
    expect(await reasonOf(holdOff.over(AbortSignal.abort(reason)).then(() => "over"))).toBe(reason);
  });
});
