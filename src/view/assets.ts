import type { Asset } from "./asset.ts";
import { pageAssets } from "./bundle.ts" with { type: "macro" };

/** The files of the page by their paths; they are in the program itself. */
export const ASSETS: Readonly<Record<string, Asset>> = pageAssets();
