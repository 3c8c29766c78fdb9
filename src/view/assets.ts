import type { Asset } from "./asset.ts";

/** The files of the page by their paths. */
export const ASSETS: Readonly<Record<string, Asset>> = {};
