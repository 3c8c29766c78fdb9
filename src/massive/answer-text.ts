/** The body of an answer is larger than anything we have asked for. */
export class TooLargeAnswer extends Error {
  override readonly name = "TooLargeAnswer";
}

/**
 * The text of an answer's body, of at most `maxBytes` bytes once it is unpacked.
 * @throws TooLargeAnswer as soon as more has come; nothing more is read then.
 */
export async function answerText(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new TooLargeAnswer();
    pieces.push(decoder.decode(chunk, { stream: true }));
  }
  pieces.push(decoder.decode());
  return pieces.join("");
}
