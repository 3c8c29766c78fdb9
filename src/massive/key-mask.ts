const MASK = "***";

/** A shorter piece of an encoded key would be found in texts that have nothing to do with it. */
const SHORTEST_CODED_CHARS = 6;

/**
 * A function that puts `***` in place of a key in a text of somebody else's: as it is, escaped for a URL, and in
 * base64, whatever stands before and after it.
 */
export function keyMask(key: string): (text: string) => string {
  const coded = [encodeURIComponent(key), ...base64Cores(key)].filter(
    (form) => form.length >= SHORTEST_CODED_CHARS,
  );
  const forms = [key, ...new Set(coded)];
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

/**
 * What a key becomes in the base64 of a longer text: three characters make four, so it depends on where the key
 * begins among the threes. The characters that depend on its neighbours too are left out.
 */
function base64Cores(key: string): string[] {
  return [0, 1, 2].flatMap((charsBefore) => {
    const whole = Buffer.from(" ".repeat(charsBefore) + key).toString("base64");
    const core = whole.slice(
      Math.ceil((charsBefore * 4) / 3),
      Math.floor(((charsBefore + key.length) * 4) / 3),
    );
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
