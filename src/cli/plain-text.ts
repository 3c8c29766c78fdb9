/** Everything that moves the cursor, rings, or begins a command of the terminal; line feeds and tabs are text. */
const CONTROLS = /(?![\n\t])\p{Cc}/gu;
const ESCAPE = "\u001B";
/** Colours and weights of type, which are ours where there are colours. */
const STYLES = new RegExp(String.raw`(${ESCAPE}\[[\d;]*m)`);

/**
 * Text of others (tickers, what servers say) as it can be shown: control characters become visible escapes such as `\u001b`,
 * so that no file and no server writes to the terminal behind the user's back. With `keepsStyles`, colours stay.
 */
export function plainText(text: string, { keepsStyles = false } = {}): string {
  if (!keepsStyles) return text.replaceAll(CONTROLS, escaped);
  return text
    .split(STYLES)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(CONTROLS, escaped)))
    .join("");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
