import type { Check } from "./verify.ts";
import { Findings } from "./findings.ts";

/** To be written. */
export const checkSource: Check = async () => new Findings("source").result();
