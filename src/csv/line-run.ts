/** Neighbouring lines that stand at `[start, end)` of some bytes, each with its newline. */
export interface LineRun {
  readonly start: number;
  readonly end: number;
  /** How many they are. */
  readonly lines: number;
}
