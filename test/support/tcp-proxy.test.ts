import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { startTcpProxy, type TcpProxyHooks } from "./tcp-proxy.ts";

/** A server that answers every piece in capital letters. */
async function startShouter(): Promise<Server> {
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    client.on("data", (data) => client.write(data.toString().toUpperCase()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Runs `work` with a client that is connected to the shouter over a proxy. */
async function overProxy(
  hooks: TcpProxyHooks,
  work: (client: Socket, proxy: Awaited<ReturnType<typeof startTcpProxy>>) => Promise<void>,
): Promise<void> {
  const shouter = await startShouter();
  const address = shouter.address();
  const proxy = await startTcpProxy(typeof address === "object" && address ? address.port : 0, hooks);
  const client = connect(proxy.port, "127.0.0.1");
  client.on("error", () => {});
  try {
    await work(client, proxy);
  } finally {
    client.destroy();
    proxy.close();
    shouter.close();
  }
}

/** Resolves with everything heard once that ends in `text`. */
async function hears(client: Socket, text: string): Promise<string> {
  let heard = "";
  while (!heard.endsWith(text)) heard += String((await once(client, "data"))[0]);
  return heard;
}

test("what a frozen proxy holds back comes after the thaw, whole and in order", async () => {
  const frozen = Promise.withResolvers<void>();
  const freezeAtSecond: TcpProxyHooks = {
    onClientData: (data, proxy) => {
      if (!data.includes("two")) return;
      proxy.freeze();
      frozen.resolve();
    },
  };
  await overProxy(freezeAtSecond, async (client, proxy) => {
    let heard = "";
    client.on("data", (data) => (heard += data.toString()));
    const one = hears(client, "ONE ");
    client.write("one ");
    await one;
    client.write("two ");
    await frozen.promise;
    client.write("three ");
    expect(heard).toBe("ONE ");
    const rest = hears(client, "THREE ");
    proxy.thaw();
    await rest;
    expect(heard).toBe("ONE TWO THREE ");
  });
});

test("an answer that was held back comes after the thaw", async () => {
  const frozen = Promise.withResolvers<void>();
  let isFirst = true;
  const freezeAnswer: TcpProxyHooks = {
    onServerData: (_, proxy) => {
      if (!isFirst) return;
      isFirst = false;
      proxy.freeze();
      frozen.resolve();
    },
  };
  await overProxy(freezeAnswer, async (client, proxy) => {
    const answer = hears(client, "ONE");
    client.write("one");
    await frozen.promise;
    proxy.thaw();
    expect(await answer).toBe("ONE");
  });
});

test("a connection that is cut is closed, and the next one works", async () => {
  await overProxy({}, async (client, proxy) => {
    const one = hears(client, "ONE");
    client.write("one");
    await one;
    const closed = once(client, "close");
    proxy.cut();
    await closed;
    const next = connect(proxy.port, "127.0.0.1");
    const two = hears(next, "TWO");
    next.write("two");
    expect(await two).toBe("TWO");
    next.destroy();
  });
});
