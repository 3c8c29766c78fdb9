import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { errorText } from "../../core/errors.ts";
import type { Faults } from "../faults.ts";
import { spoilAnswer } from "../faults.ts";
import type { Answer, Incoming } from "./answer.ts";
import { textAnswer, withoutContent } from "./answer.ts";
import { send } from "./send.ts";

/** A request that was received, for tests that count them. `status` is 0 if it got no answer. */
export interface LoggedRequest {
  readonly method: string;
  /** With its escapes undone. */
  readonly path: string;
  readonly query: string;
  /** The Range header. */
  readonly range: string | null;
  readonly status: number;
}

/** The HTTP server of the look-alike: loopback only, answers from `answer`, delivered with `faults`. */
export class HttpServer {
  /** Every request since the start or the last time it was emptied. */
  readonly requests: { -readonly [Name in keyof LoggedRequest]: LoggedRequest[Name] }[] = [];
  readonly #answer: (request: Incoming) => Promise<Answer>;
  readonly #faults: Faults;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #running = new Set<Promise<void>>();

  constructor(answer: (request: Incoming) => Promise<Answer>, faults: Faults) {
    this.#answer = answer;
    this.#faults = faults;
    this.#server = createServer((message, response) => {
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      const work = this.#handle(message, response, gone.signal)
        // Whatever broke while it was sent: the client must not take the answer for a whole one.
        .catch(() => message.socket.destroy())
        .then(() => void this.#running.delete(work));
      this.#running.add(work);
    });
    // A stalled answer must stay stalled, and an idle connection must not vanish under its client.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
    this.#server.timeout = 0;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Listens on 127.0.0.1; 0 is any free port. Returns the port. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Breaks all connections and waits until no request is worked on. */
  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await Promise.allSettled(this.#running);
  }

  async #handle(message: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<void> {
    const request = await readRequest(message);
    const entry = {
      method: request.method,
      path: request.path,
      query: request.query.toString(),
      range: request.headers.get("range") ?? null,
      status: 0,
    };
    this.requests.push(entry);
    const fault = this.#faults.take(`${request.path}?${request.query.toString()}`);
    const answer = spoilAnswer(await this.#answerOf(request), fault);
    const silent = (fault?.kind === "stall" || fault?.kind === "reset") && fault.afterBytes === undefined;
    if (!silent) entry.status = answer.status;
    const rate = fault?.kind === "slow" ? fault.bytesPerSecond : this.#faults.bytesPerSecond;
    const sent = request.method === "HEAD" ? withoutContent(answer) : answer;
    await send(response, sent, fault, rate, gone);
  }

  // A bug of the look-alike must be seen by its client, and not end the tests' process.
  async #answerOf(request: Incoming): Promise<Answer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      return textAnswer(500, "text/plain", `the sandbox failed: ${errorText(error)}`);
    }
  }
}

async function readRequest(message: IncomingMessage): Promise<Incoming> {
  const method = message.method ?? "GET";
  const target = message.url ?? "/";
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return {
    method,
    target,
    path: unescapePath(path),
    query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)),
    headers: headersOf(message.rawHeaders),
    body: method === "GET" || method === "HEAD" ? new Uint8Array(0) : await readBody(message),
  };
}

function headersOf(rawHeaders: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const value = rawHeaders[index + 1] ?? "";
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return headers;
}

async function readBody(message: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of message) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function unescapePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
