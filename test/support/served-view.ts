import { isObject, start, type Outcome, type RunOptions } from "./binary.ts";

/** A `view` that is served by the compiled program; `await using` ends it as Ctrl-C does. */
export interface ServedPage extends AsyncDisposable {
  readonly url: string;
  /** The JSON that a path of it answers with. */
  json(path: string): Promise<Record<string, unknown>>;
  stop(): Promise<Outcome>;
}

/** Starts `view` and waits until it is there. */
export async function servedPage(args: readonly string[], options: RunOptions): Promise<ServedPage> {
  const running = start(["view", "--no-open", ...args], options);
  const url = /http:\S+/.exec(await running.saidLine("http://"))?.[0] ?? "";
  const stop = () => {
    running.signal("SIGINT");
    return running.ended;
  };
  return {
    url,
    async json(path) {
      const answer: unknown = await (await fetch(new URL(path, url))).json();
      if (isObject(answer)) return answer;
      throw new Error(`${path} is answered with ${JSON.stringify(answer)}`);
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
