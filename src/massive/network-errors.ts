/**
 * Why no answer came: `unreachable` there is no way to the server · `tls` no trusted connection · `broken` it
 * was reached, then the connection failed or went silent.
 */
export type NetworkFailure = "unreachable" | "tls" | "broken";

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ConnectionRefused",
  "FailedToOpenSocket",
]);

const TLS = /^(?:EPROTO$|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH|DEPTH_ZERO_|.*SELF_SIGNED)/;

/** What a client can do where a certificate is not trusted. */
export const TLS_HINT = "behind a proxy that inspects traffic, name its certificate in NODE_EXTRA_CA_CERTS.";

/** The class of an error without an HTTP answer; null if it did not come from the network. */
export function networkFailure(error: unknown): NetworkFailure | null {
  const code = codeOf(error);
  if (code !== null) {
    // What the platform says of a wrong argument is a bug of ours.
    if (code.startsWith("ERR_INVALID_")) return null;
    if (UNREACHABLE.has(code)) return "unreachable";
    return TLS.test(code) ? "tls" : "broken";
  }
  const name = error instanceof Error ? error.name : "";
  return name === "TimeoutError" || name === "AbortError" ? "broken" : null;
}

/** The system's code of an error, such as `ECONNRESET`; null if it has none. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
