import { expect, setDefaultTimeout, test } from "bun:test";
import { filesOf } from "../support/folder.ts";
import { hostileVendor, s3Error } from "../support/hostile-vendor.ts";
import { expectRefusal } from "../support/refusal.ts";
import { expectExit, run } from "../support/binary.ts";
import { sandboxAt } from "../support/truth.ts";
import { tempDir } from "../support/temp-dir.ts";

setDefaultTimeout(60_000);

const TODAY = "2024-11-22";

test("a clock that is a day off is explained: exit 3, with the page about it, and what is cached stays", async () => {
  using dir = tempDir();
  const sandbox = await sandboxAt(TODAY);
  const command = ["--from=2024-11-20", "--to=2024-11-21", `--today=${TODAY}`];
  expectExit(
    await run(["hybrid", "--symbols=SPX", ...command], { cwd: dir.path, env: sandbox.environment }),
    0,
  );
  await sandbox.stop();
  await using vendor = hostileVendor(() =>
    s3Error(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    ),
  );
  await expectRefusal(dir.path, ["hybrid", "--symbols=NDX", ...command], vendor.env, {
    code: 3,
    kind: "settings",
    operation: "list us_indices/minute_aggs_v1/2024/11/",
    reason: "this computer's clock is more than 15 minutes off (HTTP 403 RequestTimeTooSkewed)",
    nextStep: "Set the clock (turn on automatic time), then run again.",
    help: "clock",
  });
  expect(Object.keys(filesOf(dir.path))).toContain("data/massive.sqlite");
});
