import type { Check } from "./verify.ts";
import { Findings } from "./findings.ts";

/** To be written. */
export const checkCache: Check = async () => new Findings("cache").result();
