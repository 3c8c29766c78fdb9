import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/** A proxy before a server, which knows how many requests were under way at once. */
export interface CountingProxy extends AsyncDisposable {
  readonly url: string;
  /** The most requests whose answers were under way at the same moment. */
  mostAtOnce(): number;
}

/** Starts a proxy on 127.0.0.1 that passes everything on to `target`, the host that clients signed included. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  let underWay = 0;
  let most = 0;
  const server = createServer((incoming, outgoing) => {
    most = Math.max(most, ++underWay);
    void passOn(incoming, outgoing, target)
      .catch(() => outgoing.destroy())
      .finally(() => underWay--);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    mostAtOnce: () => most,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function passOn(incoming: IncomingMessage, outgoing: ServerResponse, target: string): Promise<void> {
  const { method = "GET", headers, url = "/" } = incoming;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(url, target), { method, headers }, resolve).once("error", reject).end();
  });
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  await pipeline(answer, outgoing);
}
