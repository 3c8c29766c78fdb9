/** The views of the page, by their name in the address. */
const VIEWS = ["coverage", "chart", "outbox", "runs"] as const;

export type ViewName = (typeof VIEWS)[number];

/** Where the reader is: `#/chart?symbol=SPX&from=2024-11-22`. */
export interface Route {
  readonly view: ViewName;
  readonly query: URLSearchParams;
}

/** The route of the address; coverage for one that is none. */
export function currentRoute(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { view: VIEWS.find((name) => name === path) ?? "coverage", query: new URLSearchParams(query) };
}

/** The address of a chart. */
export function chartAddress(query: Readonly<Record<string, string>>): string {
  return `#/chart?${new URLSearchParams(query).toString()}`;
}
