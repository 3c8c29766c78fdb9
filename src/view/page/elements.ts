/** What an element is made with besides its name. */
export interface Parts {
  readonly text?: string;
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly (Node | string)[];
}

/** Makes an element. All text is put in as text. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { text, class: className, attributes = {}, children = [] }: Parts = {},
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** The element of the page with that id, which is there. */
export function byId(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** A table with a heading for each column; columns of numbers stand to the right. */
export function table(
  caption: string,
  columns: readonly { readonly name: string; readonly isNumber?: boolean }[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLElement {
  const classOf = (column: number) => (columns[column]?.isNumber === true ? "number" : "");
  const head = element("tr", {
    children: columns.map(({ name }, column) =>
      element("th", { text: name, class: classOf(column), attributes: { scope: "col" } }),
    ),
  });
  const body = rows.map((cells) =>
    element("tr", {
      children: cells.map((cell, column) => element("td", { class: classOf(column), children: [cell] })),
    }),
  );
  const made = element("table", {
    children: [
      element("caption", { text: caption, class: "unseen" }),
      element("thead", { children: [head] }),
      element("tbody", { children: body }),
    ],
  });
  return element("div", { class: "wide", children: [made] });
}

/** Tells a screen reader what has changed. */
export function tell(text: string): void {
  const told = byId("told");
  if (told.textContent !== text) told.textContent = text;
}

const TIP_MARGIN = 14;

/** Shows words beside a point of the window. */
export function showTip(words: string, x: number, y: number): void {
  const tip = byId("tip");
  tip.textContent = words;
  tip.hidden = false;
  tip.style.left = `${Math.max(4, Math.min(x + TIP_MARGIN, innerWidth - tip.offsetWidth - 4))}px`;
  const isBelow = y + TIP_MARGIN + tip.offsetHeight <= innerHeight;
  tip.style.top = `${Math.max(4, isBelow ? y + TIP_MARGIN : y - TIP_MARGIN - tip.offsetHeight)}px`;
}

/** Takes them away. */
export function hideTip(): void {
  byId("tip").hidden = true;
}
