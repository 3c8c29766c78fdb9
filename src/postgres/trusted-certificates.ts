import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { BackfillError, errorText } from "../core/errors.ts";
import { SYSTEM_CERTIFICATES } from "./database-url.ts";

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates (PEM) of those who may vouch for a server: of the file `rootCertificates`, of the system if
 * it is `system`; if it is null, of `~/.postgresql/root.crt`, where libpq looks too. Null: those that the
 * runtime brings along. Throws a `settings` error that names the file, or if the system has none.
 */
export async function trustedCertificates(
  rootCertificates: string | null,
): Promise<readonly string[] | null> {
  if (rootCertificates === SYSTEM_CERTIFICATES) return systemCertificates();
  if (rootCertificates !== null) return certificatesIn(rootCertificates);
  const usualFile = join(homedir(), ".postgresql", "root.crt");
  return existsSync(usualFile) ? certificatesIn(usualFile) : null;
}

function systemCertificates(): string[] {
  const certificates = getCACertificates("system");
  // To the runtime, a list of none means: its own.
  if (certificates.length > 0) return certificates;
  throw new BackfillError({
    kind: "settings",
    help: "postgres",
    operation: "read the trusted certificates of the system",
    reason: "it has none",
    nextStep:
      "Install them (often a package ca-certificates), or name the file of the certificate authority in sslrootcert (or PGSSLROOTCERT).",
  });
}

async function certificatesIn(file: string): Promise<string[]> {
  const text = await readFile(file, "latin1").catch((error: unknown) => {
    throw unusable(file, reasonOf(error), error);
  });
  const certificates = text.match(PEM_CERTIFICATE) ?? [];
  if (certificates.length === 0) throw unusable(file, "it holds no certificate in PEM form");
  if (!certificates.every(isReadable)) throw unusable(file, "a certificate in it cannot be read");
  return certificates;
}

function isReadable(certificatePem: string): boolean {
  try {
    return new X509Certificate(certificatePem).raw.length > 0;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  return isMissing ? "there is no such file" : errorText(error);
}

function unusable(file: string, reason: string, cause?: unknown): BackfillError {
  return new BackfillError({
    kind: "settings",
    help: "postgres",
    operation: `read the trusted certificates in ${file}`,
    reason,
    nextStep:
      "Name the file of the certificate authority in sslrootcert (or PGSSLROOTCERT); its form is PEM, which begins with -----BEGIN CERTIFICATE-----.",
    cause,
  });
}
