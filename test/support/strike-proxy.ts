import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A moment in the talk between a client and a server. */
export interface Moment {
  /** `sent`: what the client sends then is lost. `answered`: the server has it, and its answer is lost. */
  readonly lost: "sent" | "answered";
  /** Bytes (in latin1) by which the client's message is known; an empty text is in the first one. */
  readonly text: string;
  /** How many bytes more, from that message on, the client has sent by then; default none. */
  readonly afterBytes?: number;
  /** Which of several such messages; default the first. */
  readonly nth?: number;
}

/** A proxy that does something to its connections at a moment that is known by what passes through. */
export interface StrikeProxy extends AsyncDisposable {
  readonly port: number;
  /** Does `strike` at the next such moment, once; resolves when it is done. */
  strikeAt(moment: Moment, strike: (proxy: TcpProxy) => void): Promise<void>;
  /** Lets go of the strike that still waits for its moment. */
  forget(): void;
  /** Breaks what is frozen, and passes on what comes from now on. */
  repair(): void;
}

/** A strike that waits for its moment. */
interface Ambush {
  readonly moment: Moment;
  readonly strike: () => void;
  timesSeen: number;
  /** Bytes from the message on, once it has come. */
  bytesSince: number | null;
}

/** Passes connections on to `targetPort`. */
export async function startStrikeProxy(targetPort: number): Promise<StrikeProxy> {
  let ambush: Ambush | null = null;
  const spring = () => {
    const sprung = ambush;
    ambush = null;
    sprung?.strike();
  };
  const proxy = await startTcpProxy(targetPort, {
    onClientData(data) {
      if (ambush !== null && hasCome(ambush, data) && ambush.moment.lost === "sent") spring();
    },
    onServerData() {
      if (ambush?.bytesSince != null && ambush.moment.lost === "answered") spring();
    },
  });
  return {
    port: proxy.port,
    strikeAt(moment, strike) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const strikeAndTell = () => {
        strike(proxy);
        resolve();
      };
      ambush = { moment, strike: strikeAndTell, timesSeen: 0, bytesSince: null };
      return promise;
    },
    forget() {
      ambush = null;
    },
    repair() {
      proxy.cut();
      proxy.thaw();
    },
    async [Symbol.asyncDispose]() {
      proxy.close();
    },
  };
}

function hasCome(ambush: Ambush, data: Buffer): boolean {
  const { text, afterBytes = 0, nth = 1 } = ambush.moment;
  if (ambush.bytesSince !== null) ambush.bytesSince += data.length;
  else if (data.includes(text, 0, "latin1") && ++ambush.timesSeen === nth) ambush.bytesSince = data.length;
  return ambush.bytesSince !== null && ambush.bytesSince > afterBytes;
}
