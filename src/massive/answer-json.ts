/** A page has at most 50,000 bars, each an object. */
const MOST_PARTS = 200_000;

/**
 * The JSON of an answer; undefined if it is none. Of a text with more objects and lists than any answer has, null: each
 * costs the parser a hundred times the bytes that it takes to write, so that a small answer could fill the memory.
 */
export function answerJson(text: string): unknown {
  if (countOf(text, "{") + countOf(text, "[") > MOST_PARTS) return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How often a character stands in a text, counted no further than need be. */
function countOf(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    count++;
    if (count > MOST_PARTS) break;
  }
  return count;
}
