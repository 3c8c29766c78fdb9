import type { Bar } from "../core/bar.ts";
import type { Dataset } from "../core/datasets.ts";
import { Faults } from "./faults.ts";
import type { Damage } from "./flatfiles/damage.ts";
import { Library } from "./flatfiles/library.ts";
import type { Answer, Incoming } from "./http/answer.ts";
import { HttpServer } from "./http/server.ts";
import type { LoggedRequest } from "./http/server.ts";
import type { FalseDay } from "./market/day-bar.ts";
import { Market } from "./market/market.ts";
import { resolveOptions } from "./options.ts";
import type { ResolvedOptions, SandboxOptions } from "./options.ts";
import { RestService } from "./rest/service.ts";
import { S3Service } from "./s3/service.ts";

export { FAULT_ANSWERS } from "./faults.ts";
export { SPLIT_FACTOR } from "./rest/aggregates.ts";
export { syntheticTickers } from "./tickers.ts";

/** A running look-alike of Massive: flat files by S3 and bars by REST, with synthetic data. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT`: S3 in path style under `/<bucket>/`, REST under `/v2/`. */
  readonly url: string;
  /** The settings to paste. */
  readonly environment: Readonly<Record<string, string>>;
  /** All requests received since the start or the last `clearRequests`. */
  readonly requests: readonly LoggedRequest[];
  clearRequests(): void;
  /** What goes wrong; may be changed at any time. */
  readonly faults: Faults;
  /** The bars that the day's flat file holds for the ticker, in order of time, without rows added by `damage`. */
  truth(dataset: Dataset, ticker: string, date: string): Bar[];
  /**
   * Replaces the day's file by one in which some bars of `tickers` are changed, removed and added (indices,
   * crypto and forex lack no minute, so only indices get more: in the minutes after the close). REST follows.
   * Default: every other ticker, from the first on. Damage is repaired.
   */
  republish(dataset: Dataset, date: string, tickers?: readonly string[]): void;
  /** Replaces the day's file by one that is bad in the given ways. */
  damage(dataset: Dataset, date: string, damage: Damage): void;
  /** Tells the day as a whole (day bars by REST, `day_aggs_v1` files) otherwise than its minutes say. */
  falsify(dataset: Dataset, ticker: string, date: string, told: FalseDay): void;
  /** Publishes the day's file no earlier than `untilMs`; without it, not before `release`. */
  hold(dataset: Dataset, date: string, untilMs?: number): void;
  /** Publishes a held file now, by the look-alike's clock. */
  release(dataset: Dataset, date: string): void;
  /** Changes what the subscription includes; what is left out stays (the limit of requests always does). */
  changePlan(plan: Pick<SandboxOptions, "planFrom" | "rest">): void;
  /** Breaks all connections and removes temporary files. */
  stop(): Promise<void>;
}

/** Starts a look-alike on 127.0.0.1. It imports nothing of the code that reads the vendor, so it can judge it. */
export async function startSandbox(given: SandboxOptions = {}): Promise<Sandbox> {
  const options = resolveOptions(given);
  const market = new Market(options.tickers, options.seed);
  const library = new Library(market, options);
  const faults = new Faults(options.bytesPerSecond);
  let url = "";
  let { planFrom, rest: restPlan } = options;
  const s3 = new S3Service(library, {
    bucket: options.bucket,
    pageSize: options.listPageSize,
    credentials: options,
    planFrom: () => planFrom,
  });
  const rest = new RestService(market, {
    apiKey: options.apiKey,
    plan: () => restPlan,
    nowMs: options.nowMs,
    announced: () => options.announced,
    url: () => url,
  });
  const answer = async (request: Incoming): Promise<Answer> =>
    /^\/v\d+\//.test(request.path) ? rest.answer(request) : s3.answer(request);
  const server = new HttpServer(answer, faults);
  url = `http://127.0.0.1:${await server.listen(options.port)}`;
  return {
    url,
    environment: environmentOf(url, options),
    requests: server.requests,
    clearRequests: () => void server.requests.splice(0),
    faults,
    truth: (dataset, ticker, date) => market.bars(dataset, ticker, date),
    republish: (dataset, date, tickers) =>
      library.republish({ dataset, date }, tickers ?? everyOther(market.tickers(dataset))),
    damage: (dataset, date, damage) => library.damage({ dataset, date }, damage),
    falsify(dataset, ticker, date, told) {
      market.falsify(dataset, ticker, date, told);
      library.dayBarsChanged({ dataset, date });
    },
    hold: (dataset, date, untilMs = Infinity) => library.hold({ dataset, date }, untilMs),
    release: (dataset, date) => library.release({ dataset, date }),
    changePlan(plan) {
      planFrom = plan.planFrom ?? planFrom;
      restPlan = plan.rest ?? restPlan;
    },
    async stop() {
      await server.stop();
      await library.remove();
    },
  };
}

function environmentOf(url: string, options: ResolvedOptions): Record<string, string> {
  return {
    MASSIVE_S3_ENDPOINT: url,
    MASSIVE_S3_BUCKET: options.bucket,
    MASSIVE_S3_REGION: options.region,
    MASSIVE_AWS_ACCESS_KEY: options.accessKeyId,
    MASSIVE_AWS_SECRET_KEY: options.secretAccessKey,
    MASSIVE_API_KEY: options.apiKey,
    MASSIVE_API_URL: url,
  };
}

function everyOther(tickers: readonly string[]): string[] {
  return tickers.filter((_, index) => index % 2 === 0);
}
