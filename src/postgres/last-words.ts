const ERROR_RESPONSE = 0x45;
const MESSAGE_FIELD = 0x4d;
/** Type and length of a message. */
const HEADER_BYTES = 5;

/**
 * Why a server has hung up: the message of the ErrorResponse that ends `data`, the last bytes it sent; null if none
 * does. Format: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function lastWords(data: Buffer): string | null {
  for (let at = data.length - HEADER_BYTES; at >= 0; at--) {
    if (data[at] !== ERROR_RESPONSE || data.readInt32BE(at + 1) !== data.length - at - 1) continue;
    return messageOf(data.subarray(at + HEADER_BYTES));
  }
  return null;
}

/** Each field is a byte for its type and a text that ends with a zero. */
function messageOf(fields: Buffer): string | null {
  let at = 0;
  while (at < fields.length) {
    const end = fields.indexOf(0, at + 1);
    if (end === -1) return null;
    if (fields[at] === MESSAGE_FIELD) return fields.toString("utf8", at + 1, end);
    at = end + 1;
  }
  return null;
}
