import { expect, test } from "bun:test";
import { priceLabels } from "../../../../src/cli/render/show/price-axis.ts";

const cents = (price: number) => price.toFixed(2);

test("every third row has its price, and the lowest", () => {
  expect(priceLabels({ high: 8, low: 1 }, 8, cents)).toEqual([
    "8.00",
    "",
    "",
    "5.00",
    "",
    "",
    "2.00",
    "1.00",
  ]);
});

test("a price that does not move is told once, where it is drawn", () => {
  expect(priceLabels({ high: 5, low: 5 }, 5, cents)).toEqual(["", "", "5.00", "", ""]);
});

test("a price that hardly moves is not told twice", () => {
  const labels = priceLabels({ high: 5.01, low: 5 }, 8, cents);
  expect(labels.filter((label) => label !== "")).toEqual(["5.01", "5.00"]);
  expect([labels[0], labels.at(-1)]).toEqual(["5.01", "5.00"]);
});
