import type { Overview } from "./answers.ts";
import { chartView } from "./chart-view.ts";
import { coverageView } from "./coverage-view.ts";
import { element } from "./elements.ts";
import { outboxView } from "./outbox-view.ts";
import type { ViewName } from "./route.ts";
import { runsView } from "./runs-view.ts";
import type { View } from "./view.ts";

const VIEWS: Readonly<Record<ViewName, (place: HTMLElement, overview: Overview) => View>> = {
  coverage: coverageView,
  chart: chartView,
  outbox: outboxView,
  runs: runsView,
};

/** A view with its place, and where the reader was in it. */
interface Scene {
  readonly name: ViewName;
  readonly view: View;
  readonly place: HTMLElement;
  scrollY: number;
  focused: HTMLElement | null;
}

/** The views, of which one is in sight. Whoever comes back to one finds it as it was left. */
export class Stage {
  readonly #main: HTMLElement;
  readonly #scenes = new Map<ViewName, Scene>();
  #shown: Scene | null = null;

  constructor(main: HTMLElement) {
    this.#main = main;
  }

  /** The view that is in sight; null before the first, and where something else is shown. */
  get shown(): View | null {
    return this.#shown?.view ?? null;
  }

  /** Shows a view where it is not the one in sight already; says whether it came into sight. */
  enter(name: ViewName, overview: Overview): { readonly view: View; readonly isEntered: boolean } {
    if (this.#shown?.name === name) return { view: this.#shown.view, isEntered: false };
    const hasFocus = this.#hasFocus();
    this.leave();
    const scene = this.#scenes.get(name) ?? this.#made(name, overview);
    this.#shown = scene;
    scene.place.hidden = false;
    scrollTo(0, scene.scrollY);
    // Who has come by a link stays at it.
    if (hasFocus) scene.focused?.focus({ preventScroll: true });
    return { view: scene.view, isEntered: true };
  }

  /** Puts the view that is in sight aside. */
  leave(): void {
    const scene = this.#shown;
    this.#shown = null;
    if (scene === null) return;
    const { activeElement } = document;
    scene.scrollY = scrollY;
    scene.focused =
      activeElement instanceof HTMLElement && scene.place.contains(activeElement) ? activeElement : null;
    scene.place.hidden = true;
  }

  /** Whether the focus is in the views, or nowhere. */
  #hasFocus(): boolean {
    const { activeElement, body } = document;
    return activeElement === null || activeElement === body || this.#main.contains(activeElement);
  }

  #made(name: ViewName, overview: Overview): Scene {
    const place = element("div");
    this.#main.append(place);
    const scene = { name, place, view: VIEWS[name](place, overview), scrollY: 0, focused: null };
    this.#scenes.set(name, scene);
    return scene;
  }
}
