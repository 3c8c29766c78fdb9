import type { Check } from "./verify.ts";
import { Findings } from "./findings.ts";

/** To be written. */
export const checkTarget: Check = async () => new Findings("target").result();
