import { Refusal } from "./api.ts";
import { element } from "./elements.ts";

/** Shows in `place` why something cannot be shown, with a button to try it again. */
export function showTrouble(place: HTMLElement, error: unknown, again: () => Promise<void>): void {
  const words = error instanceof Error ? error.message : String(error);
  const button = element("button", { text: "Try again", attributes: { type: "button" } });
  button.addEventListener("click", () => void again());
  place.replaceChildren(
    element("div", {
      class: "wrong",
      attributes: { role: "alert" },
      children: [
        element("p", { text: words }),
        element("p", { class: "quiet", text: error instanceof Refusal ? error.hint : "" }),
        button,
      ],
    }),
  );
}
