import { describe, expect, test } from "bun:test";
import { PageTrail } from "../../src/massive/page-trail.ts";
import { barsFrom } from "../support/bars.ts";

const START_MS = Date.parse("2024-11-22T14:30:00Z");
const MINUTE_MS = 60_000;

/** `count` bars from minute `first` on. */
function bars(first: number, count: number) {
  return barsFrom(
    START_MS + first * MINUTE_MS,
    Array.from({ length: count }, () => 1),
  );
}

describe("PageTrail", () => {
  test("finds nothing wrong with pages that go on in time, some without bars", () => {
    const trail = new PageTrail();
    const pages = [bars(0, 3), [], bars(5, 2), bars(7, 1)];
    const wrong = pages.flatMap((page, index) => [
      trail.follow(`/${index}`, page, false),
      trail.leadsAstray(`/${index + 1}`),
    ]);
    expect(wrong.filter((words) => words !== null)).toEqual([]);
  });

  test("takes the minute that ends one page and begins the next once", () => {
    const trail = new PageTrail();
    trail.follow("/0", bars(0, 3), false);
    expect(trail.withoutKnown(bars(0, 3))).toEqual(bars(0, 3));
    expect(trail.follow("/1", bars(2, 3), false)).toBeNull();
    expect(trail.withoutKnown(bars(2, 3))).toEqual(bars(3, 2));
  });

  test.each([
    ["the same page again", bars(0, 3), "a page has nothing later than the one before it"],
    ["its last minute again", bars(2, 1), "a page has nothing later than the one before it"],
    ["earlier minutes", bars(1, 5), "its pages are not in the order of time"],
  ])("refuses %s", (_, page, wrong) => {
    const trail = new PageTrail();
    trail.follow("/0", bars(0, 3), false);
    expect(trail.follow("/1", page, false)).toBe(wrong);
  });

  test("lets the last page hold nothing but the minute that the one before it ended with", () => {
    const trail = new PageTrail();
    trail.follow("/0", bars(0, 3), false);
    expect(trail.follow("/1", bars(2, 1), true)).toBeNull();
    expect(trail.withoutKnown(bars(2, 1))).toEqual([]);
    const other = new PageTrail();
    other.follow("/0", bars(0, 3), false);
    expect(other.follow("/1", bars(0, 2), true)).toBe("a page has nothing later than the one before it");
  });

  test.each(["/0", "/1"])("refuses to go back to %s", (next) => {
    const trail = new PageTrail();
    trail.follow("/0", [], false);
    trail.follow("/1", [], false);
    expect(trail.leadsAstray(next)).toBe("its next page is one that was read already");
  });

  test("refuses an answer without an end", () => {
    const trail = new PageTrail();
    const words = Array.from({ length: 200 }, (_, page) => {
      trail.follow(`/${page}`, bars(page, 1), false);
      return trail.leadsAstray(`/${page + 1}`);
    });
    expect(words.findIndex((word) => word !== null)).toBe(199);
    expect(words[199]).toBe("it has more than 200 pages");
  });
});
