import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy on the loopback that can do to a connection what networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Breaks all connections, at once and without a word. */
  cut(): void;
  /** Passes nothing on any more, in either direction, and keeps the connections open. */
  freeze(): void;
  /** Passes on again, beginning with what was held back. */
  thaw(): void;
  /** Freezes, and tells the clients that nothing more will come: half of a TCP close. */
  hangUp(): void;
  close(): void;
}

export interface TcpProxyHooks {
  /** Sees what the client sends before it is passed on; what it cuts or freezes is not passed on. */
  readonly onClientData?: (data: Buffer, proxy: TcpProxy) => void;
  /** Sees what the server sends before it is passed on, likewise. */
  readonly onServerData?: (data: Buffer, proxy: TcpProxy) => void;
}

/** One direction of a connection. */
interface Flow {
  readonly from: Socket;
  readonly to: Socket;
  /** What came before the freeze and was not passed on. */
  held: Buffer | null;
}

/** Passes connections on to `targetPort`. */
export async function startTcpProxy(targetPort: number, hooks: TcpProxyHooks = {}): Promise<TcpProxy> {
  const flows = new Set<Flow>();
  const clients = new Set<Socket>();
  let isFrozen = false;
  const pass = (from: Socket, to: Socket, see: TcpProxyHooks["onClientData"]) => {
    const flow: Flow = { from, to, held: null };
    flows.add(flow);
    from.on("error", () => from.destroy());
    from.on("end", () => to.destroy());
    from.on("close", () => {
      to.destroy();
      flows.delete(flow);
      clients.delete(from);
    });
    from.on("data", (data: Buffer) => {
      see?.(data, proxy);
      if (isFrozen) hold(flow, data);
      else forward(flow, data);
    });
    to.on("drain", () => {
      if (!isFrozen) from.resume();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect(targetPort, "127.0.0.1");
    clients.add(client);
    pass(client, upstream, hooks.onClientData);
    pass(upstream, client, hooks.onServerData);
  });
  const proxy: TcpProxy = {
    port: await listen(server),
    cut() {
      for (const { from } of flows) from.destroy();
    },
    freeze() {
      isFrozen = true;
      for (const { from } of flows) from.pause();
    },
    thaw() {
      isFrozen = false;
      for (const flow of flows) release(flow);
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

function hold(flow: Flow, data: Buffer): void {
  flow.held = flow.held === null ? data : Buffer.concat([flow.held, data]);
  flow.from.pause();
}

function forward({ from, to }: Flow, data: Buffer): void {
  if (!to.destroyed && !to.write(data)) from.pause();
}

function release(flow: Flow): void {
  const { from, held } = flow;
  flow.held = null;
  from.resume();
  if (held !== null) forward(flow, held);
}

/** A server that answers the first message of every client with `lastWords`, if there are any, and hangs up. */
export async function startRefuser(lastWords?: Buffer): Promise<Pick<TcpProxy, "port" | "close">> {
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
