import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** A key and a certificate for `localhost` that it has signed itself, as PEM. */
export interface Certificate {
  readonly keyPem: string;
  readonly certificatePem: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const ECDSA_WITH_SHA256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const SUBJECT_ALTERNATIVE_NAME = oid(0x55, 0x1d, 0x11);

/** Makes a certificate. Its form is RFC 5280's, in DER. */
export function selfSignedCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
  const body = bodyOf(publicKey, algorithm);
  const signature = sign("sha256", body, privateKey);
  const certificate = der(SEQUENCE, body, algorithm, der(BIT_STRING, Buffer.from([0]), signature));
  return {
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
    certificatePem: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

function bodyOf(publicKey: KeyObject, algorithm: Buffer): Buffer {
  const version3 = der(0xa0, der(INTEGER, Buffer.from([2])));
  const serial = der(INTEGER, Buffer.from([1]));
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from("localhost")))),
  );
  const validity = der(SEQUENCE, utcTime("200101000000Z"), utcTime("491231235959Z"));
  const key = publicKey.export({ type: "spki", format: "der" });
  const names = der(SEQUENCE, der(0x82, Buffer.from("localhost")));
  const extension = der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, der(OCTET_STRING, names));
  const extensions = der(0xa3, der(SEQUENCE, extension));
  return der(SEQUENCE, version3, serial, algorithm, name, validity, name, key, extensions);
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
