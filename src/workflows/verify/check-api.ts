import type { Check } from "./verify.ts";
import { Findings } from "./findings.ts";

/** To be written. */
export const checkApi: Check = async () => new Findings("api").result();
