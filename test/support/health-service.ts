/** A health-check service on this machine that keeps what it is told. */
export interface HealthService extends AsyncDisposable {
  /** The ping URL of a check, with the secret in its path. */
  readonly url: string;
  /** `host:port`, the only part of the URL that may be shown. */
  readonly host: string;
  /** Each request so far, such as `GET /ping/secret-check/fail?via=test`. */
  readonly requests: string[];
}

/** What a service answers to its request number `count` (from 1). */
export type HealthAnswer = (count: number) => Response | Promise<Response>;

/** The part of the URL that must never be shown. */
export const CHECK_SECRET = "c0ffee00-1234-secret-check";

/** Starts a health-check service; it says OK unless `answer` says something else. */
export function healthService(answer: HealthAnswer = () => new Response("OK")): HealthService {
  const requests: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      requests.push(`${request.method} ${pathname}${search}${body}`);
      return answer(requests.length);
    },
  });
  const host = `127.0.0.1:${server.port}`;
  return {
    url: `http://${host}/ping/${CHECK_SECRET}?via=test`,
    host,
    requests,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** An answer that never comes. */
export function silence(): Promise<Response> {
  return new Promise(() => {});
}
