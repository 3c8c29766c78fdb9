import type { Check } from "./verify.ts";
import { Findings } from "./findings.ts";

/** To be written. */
export const checkFiles: Check = async () => new Findings("files").result();
