import type { Content } from "./content.ts";
import { contentSizeBytes, NO_CONTENT, textContent } from "./content.ts";

/** A request, as the services see it. */
export interface Incoming {
  readonly method: string;
  /** Path and query exactly as sent: what a signature is computed from. */
  readonly target: string;
  /** Path with its escapes undone. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** An answer as a plain value; `headers` holds everything but Date and Connection. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly content: Content;
}

/** An answer of text; its length is added to the headers. */
export function textAnswer(
  status: number,
  contentType: string,
  text: string,
  headers: Answer["headers"] = {},
): Answer {
  return answerOf(status, { "content-type": contentType, ...headers }, textContent(text));
}

/** An answer of JSON text. */
export function jsonAnswer(status: number, value: unknown, headers: Answer["headers"] = {}): Answer {
  return textAnswer(status, "application/json", JSON.stringify(value), headers);
}

/** An answer with `content`, whose size becomes its Content-Length. */
export function answerOf(status: number, headers: Answer["headers"], content: Content): Answer {
  return { status, headers: { ...headers, "content-length": contentSizeBytes(content) }, content };
}

/** The answer to HEAD: the headers of `answer`, Content-Length included, without its content. */
export function withoutContent(answer: Answer): Answer {
  return { ...answer, content: NO_CONTENT };
}
