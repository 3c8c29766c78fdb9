/** What the vendor's ticker of an option says, in Lean's words. */
export interface OptionContract {
  /** The root: `SPY`, `SPXW`. */
  readonly root: string;
  /** `YYYYMMDD`. */
  readonly expiry: string;
  readonly right: "call" | "put";
  readonly strike: number;
}

/** The OCC's symbol of a contract as the vendor writes it: root, expiry, right, strike in thousandths of a dollar. */
const TICKER = /^O:([A-Z0-9]{1,6}?)(\d{6})([CP])(\d{8})$/;

/** Reads a ticker such as `O:SPY241220P00500000`; null if it is no option's. */
export function optionContract(ticker: string): OptionContract | null {
  const [, root, expiry, right, strike] = TICKER.exec(ticker) ?? [];
  if (root === undefined || expiry === undefined || strike === undefined) return null;
  return {
    root,
    expiry: `20${expiry}`,
    right: right === "C" ? "call" : "put",
    strike: Number(strike) / 1000,
  };
}

/** Roots whose options are on an index and can be exercised on their last day only, of those that Lean knows. */
const INDEX_ROOTS = new Set(["SPX", "SPXW", "NDX", "NDXP", "NQX", "VIX", "VIXW", "RUT", "RUTW"]);

/** Whether Lean keeps the options of `root` as those of an index. */
export function isIndexRoot(root: string): boolean {
  return INDEX_ROOTS.has(root);
}
