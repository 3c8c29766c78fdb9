import { isIP } from "node:net";
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from "node:tls";
import type { DatabaseAddress } from "./database-url.ts";
import { LinkError } from "./errors.ts";
import { trustedCertificates } from "./trusted-certificates.ts";

/**
 * How to encrypt the connection to `address`, whose `tls` is not `disable`. Whoever names an authority wants it
 * to be asked, so only `prefer` and `require` without one take any certificate, as in libpq.
 * https://www.postgresql.org/docs/current/libpq-ssl.html. Throws a `settings` error if the file of trusted
 * certificates cannot be used.
 */
export async function tlsOptions(address: DatabaseAddress): Promise<ConnectionOptions> {
  const { host, tls, rootCertificates } = address;
  const isVerified = tls === "verify-ca" || tls === "verify-full" || rootCertificates !== null;
  const trusted = isVerified ? await trustedCertificates(rootCertificates) : null;
  return {
    rejectUnauthorized: isVerified,
    checkServerIdentity: (_, certificate) =>
      tls === "verify-full" ? hostMismatch(host, certificate) : undefined,
    // Poolers of many databases (Neon, Supabase) tell them apart by the name in the TLS greeting.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trusted === null ? {} : { ca: [...trusted] }),
  };
}

function hostMismatch(host: string, certificate: PeerCertificate): LinkError | undefined {
  if (checkServerIdentity(host, certificate) === undefined) return undefined;
  const names = certificate.subjectaltname ?? `CN=${String(certificate.subject?.CN)}`;
  return new LinkError("WRONG_CERTIFICATE_HOST", `the server's certificate is for ${names}, not for ${host}`);
}
