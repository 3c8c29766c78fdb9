/** What every answer says to the browser: only this page's own scripts, styles and data; nobody else frames or reads it. */
export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** A plain answer with the safety headers. */
export function plainAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...SAFETY_HEADERS, "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/** That of addresses without one. */
const HTTP_PORT = 80;

/**
 * Why a request is refused; null if it is not. The page is there for the browser of this machine: a name that somebody else
 * made point here (DNS rebinding) shows in the Host header, and nothing can be changed by it.
 */
export function refusalOf(request: Request, port: number): Response | null {
  const host = request.headers.get("host") ?? "";
  const [, name, hostPort = HTTP_PORT] = /^(127\.0\.0\.1|localhost)(?::(\d+))?$/.exec(host) ?? [];
  if (name === undefined || Number(hostPort) !== port)
    return plainAnswer(403, `This page is at http://127.0.0.1:${port}/ and answers to no other name.`);
  if (request.method !== "GET") return plainAnswer(405, "There is nothing to change here.", { allow: "GET" });
  const site = request.headers.get("sec-fetch-site") ?? "none";
  const isPage = request.headers.get("sec-fetch-mode") === "navigate";
  if (!isPage && site !== "same-origin" && site !== "none")
    return plainAnswer(403, "Other pages have no business here.");
  return null;
}
