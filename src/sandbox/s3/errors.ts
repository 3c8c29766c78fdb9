import { randomBytes } from "node:crypto";
import type { Answer } from "../http/answer.ts";
import { textAnswer } from "../http/answer.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** One XML element with text in it. */
export function element(name: string, text: string | number): string {
  return `<${name}>${String(text).replaceAll(/[&<>"]/g, (mark) => ESCAPES[mark] ?? mark)}</${name}>`;
}

/** A successful XML answer. */
export function xmlAnswer(xml: string): Answer {
  return xmlOf(200, xml, {});
}

/**
 * An S3 error: an XML body with its code, message and further elements.
 * Source: "Error responses" of the Amazon S3 API reference.
 */
export function s3Error(
  status: number,
  code: string,
  message: string,
  details: Readonly<Record<string, string | number>> = {},
  headers: Answer["headers"] = {},
): Answer {
  const elements = Object.entries(details).map(([name, value]) => element(name, value));
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  const body = `${element("Code", code)}${element("Message", message)}${elements.join("")}${element("RequestId", requestId)}`;
  return xmlOf(status, `<Error>${body}</Error>`, { "x-amz-request-id": requestId, ...headers });
}

function xmlOf(status: number, xml: string, headers: Answer["headers"]): Answer {
  return textAnswer(status, "application/xml", `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`, headers);
}
