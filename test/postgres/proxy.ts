import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy on the loopback that can do to a connection what networks do. */
export interface Proxy {
  readonly port: number;
  /** Breaks all connections, at once and without a word. */
  cut(): void;
  /** Passes nothing on any more, in either direction, and keeps the connections open. */
  freeze(): void;
  /** Freezes, and tells the clients that nothing more will come: half of a TCP close. */
  hangUp(): void;
  close(): void;
}

export interface ProxyHooks {
  /** Sees what the client sends before it is passed on. */
  readonly onClientData?: (data: Buffer, proxy: Proxy) => void;
  /** Sees what the server sends before it is passed on. */
  readonly onServerData?: (data: Buffer, proxy: Proxy) => void;
}

/** Passes connections on to `targetPort`. */
export async function startProxy(targetPort: number, hooks: ProxyHooks = {}): Promise<Proxy> {
  const clients = new Set<Socket>();
  const upstreams = new Set<Socket>();
  let isFrozen = false;
  const pass = (from: Socket, to: Socket, see: ProxyHooks["onClientData"]) => {
    from.on("error", () => from.destroy());
    from.on("end", () => to.destroy());
    from.on("close", () => to.destroy());
    from.on("data", (data: Buffer) => {
      see?.(data, proxy);
      if (isFrozen || (!to.destroyed && !to.write(data))) from.pause();
    });
    to.on("drain", () => {
      if (!isFrozen) from.resume();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect(targetPort, "127.0.0.1");
    clients.add(client);
    upstreams.add(upstream);
    pass(client, upstream, hooks.onClientData);
    pass(upstream, client, hooks.onServerData);
  });
  const proxy: Proxy = {
    port: await listen(server),
    cut() {
      for (const socket of [...clients, ...upstreams]) socket.destroy();
    },
    freeze() {
      isFrozen = true;
      for (const socket of [...clients, ...upstreams]) socket.pause();
    },
    hangUp() {
      proxy.freeze();
      for (const client of clients) client.end();
    },
    close() {
      proxy.cut();
      server.close();
    },
  };
  return proxy;
}

/** A server that answers the first message of every client with `lastWords`, if there are any, and hangs up. */
export async function startRefuser(lastWords?: Buffer): Promise<Pick<Proxy, "port" | "close">> {
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    if (lastWords === undefined) client.destroy();
    else client.once("data", () => client.end(lastWords));
  });
  return { port: await listen(server), close: () => void server.close() };
}

async function listen(server: Server): Promise<number> {
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
