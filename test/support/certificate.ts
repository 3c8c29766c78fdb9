import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** A key and a certificate for it, as PEM. */
export interface Certificate {
  readonly keyPem: string;
  readonly certificatePem: string;
}

/** Somebody who vouches for servers. */
export interface Authority {
  readonly certificatePem: string;
  /** A certificate for the server `host`, a name. */
  issue(host: string): Certificate;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const TRUE = Buffer.from([0xff]);
const ECDSA_WITH_SHA256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const SUBJECT_ALTERNATIVE_NAME = oid(0x55, 0x1d, 0x11);
const BASIC_CONSTRAINTS = oid(0x55, 0x1d, 0x13);
const ALGORITHM = der(SEQUENCE, ECDSA_WITH_SHA256);

/** Makes an authority of that name. The form of its certificates is RFC 5280's, in DER. */
export function certificateAuthority(name: string): Authority {
  const own = newKey();
  const isAuthority = der(SEQUENCE, BASIC_CONSTRAINTS, der(OCTET_STRING, der(SEQUENCE, der(BOOLEAN, TRUE))));
  return {
    certificatePem: certificatePem(own.publicKey, name, isAuthority, { name, key: own.privateKey }),
    issue(host) {
      const { publicKey, privateKey } = newKey();
      const certificate = certificatePem(publicKey, host, alternativeName(host), {
        name,
        key: own.privateKey,
      });
      return { keyPem: pemOf(privateKey), certificatePem: certificate };
    },
  };
}

/** Makes a certificate for `localhost` that nobody but itself vouches for. */
export function selfSignedCertificate(): Certificate {
  const name = "localhost";
  const { publicKey, privateKey } = newKey();
  const certificate = certificatePem(publicKey, name, alternativeName(name), { name, key: privateKey });
  return { keyPem: pemOf(privateKey), certificatePem: certificate };
}

function newKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" });
}

function certificatePem(
  publicKey: KeyObject,
  subject: string,
  extension: Buffer,
  issuer: { readonly name: string; readonly key: KeyObject },
): string {
  const version3 = der(0xa0, der(INTEGER, Buffer.from([2])));
  const serial = der(INTEGER, Buffer.from([1]));
  const validity = der(SEQUENCE, utcTime("200101000000Z"), utcTime("491231235959Z"));
  const key = publicKey.export({ type: "spki", format: "der" });
  const extensions = der(0xa3, der(SEQUENCE, extension));
  const [from, to] = [nameOf(issuer.name), nameOf(subject)];
  const body = der(SEQUENCE, version3, serial, ALGORITHM, from, validity, to, key, extensions);
  const signature = der(BIT_STRING, Buffer.from([0]), sign("sha256", body, issuer.key));
  const certificate = der(SEQUENCE, body, ALGORITHM, signature);
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  const text = der(UTF8_STRING, Buffer.from(commonName));
  return der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, text)));
}

function alternativeName(host: string): Buffer {
  const names = der(SEQUENCE, der(0x82, Buffer.from(host)));
  return der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, der(OCTET_STRING, names));
}

function utcTime(text: string): Buffer {
  return der(UTC_TIME, Buffer.from(text));
}

function oid(...bytes: number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

/** Tag, length, contents. Lengths here stay below 65,536. */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
