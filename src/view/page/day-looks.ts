import type { CoverageDay } from "./answers.ts";
import { gapsText, plural } from "./words.ts";

/** How a day can look: by its state, and where its bars are far fewer than usual. */
export type Look = CoverageDay["state"] | "suspicious";

/** The part of a cell that is filled, from its top (0) to its bottom (1): days can be told without their colours. */
interface Shape {
  readonly parts: readonly (readonly [from: number, to: number])[];
}

/** What each look means and how it is drawn; in the order of the legend. */
export const LOOKS: Readonly<Record<Look, { readonly words: string; readonly shape: Shape }>> = {
  complete: { words: "complete", shape: { parts: [[0, 1]] } },
  provisional: { words: "provisional (API)", shape: { parts: [[0, 1]] } },
  partial: { words: "partial", shape: { parts: [[0.5, 1]] } },
  suspicious: { words: "far fewer bars than usual", shape: { parts: [[0.25, 1]] } },
  pending: { words: "not published yet", shape: { parts: [[0.75, 1]] } },
  missing: {
    words: "missing",
    shape: {
      parts: [
        [0, 0.3],
        [0.7, 1],
      ],
    },
  },
  failed: {
    words: "failed",
    shape: {
      parts: [
        [0, 0.2],
        [0.4, 0.6],
        [0.8, 1],
      ],
    },
  },
  absent: { words: "no bars at the source", shape: { parts: [[0.42, 0.58]] } },
  denied: { words: "not in your plan", shape: { parts: [[0, 0.2]] } },
  closed: { words: "closed", shape: { parts: [[0.94, 1]] } },
};

/** How a day looks. */
export function lookOf(day: CoverageDay): Look {
  return day.usual === null ? day.state : "suspicious";
}

/** Marks a day, drawn into a rectangle of a canvas, as one that the database lacks: a bar above it. */
export function drawUnsynced(
  pen: CanvasRenderingContext2D,
  colour: string,
  [x, y, width]: readonly [number, number, number],
): void {
  pen.fillStyle = colour;
  pen.fillRect(x, y - 3, width, 2);
}

/** Draws a day into a rectangle of a canvas; what came from the API is hollow. */
export function drawDay(
  pen: CanvasRenderingContext2D,
  look: Look,
  colour: string,
  [x, y, width, height]: readonly [number, number, number, number],
  isHollow = look === "provisional",
): void {
  pen.fillStyle = colour;
  for (const [from, to] of LOOKS[look].shape.parts) {
    const [top, size] = [y + from * height, Math.max(1, (to - from) * height)];
    if (isHollow) {
      pen.fillRect(x, top, width, 2);
      pen.fillRect(x, top + size - 2, width, 2);
      pen.fillRect(x, top, 1, size);
    } else pen.fillRect(x, top, width, size);
  }
}

/** What is known of a day, in words. */
export function dayWords(day: CoverageDay, hasTarget: boolean): string {
  const weekday = new Date(`${day.date}T12:00:00Z`).toLocaleDateString("en-US", {
    weekday: "short",
    timeZone: "UTC",
  });
  const parts = [`${weekday} ${day.date}`, LOOKS[lookOf(day)].words];
  if (day.bars > 0 || day.expected !== null)
    parts.push(day.expected === null ? plural(day.bars, "bar") : `${day.bars} of ${day.expected} bars`);
  if (day.source !== null) parts.push(day.source === "api" ? "from the API" : "from its flat file");
  if (day.delayed) parts.push("15 minutes late");
  if (hasTarget && day.bars > 0) parts.push(day.synced ? "synced" : "not synced");
  if (day.missing.length > 0) parts.push(`lacks ${gapsText(day.missing)}`);
  else if (day.note !== null) parts.push(day.note);
  return parts.join(", ");
}
