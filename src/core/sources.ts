/**
 * Where bars may come from.
 * `auto` flat files for what is published, the API for the rest · `flatfiles` · `api` · `cheapest` whichever takes
 * less time, for each dataset.
 */
export const SOURCES = ["auto", "flatfiles", "api", "cheapest"] as const;

export type Source = (typeof SOURCES)[number];

/** Whether `text` is one of the sources. */
export function isSource(text: string): text is Source {
  return (SOURCES as readonly string[]).includes(text);
}
