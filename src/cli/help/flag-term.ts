import type { ArgsDef } from "citty";

/** A flag as users write it: `-n, --dry-run` or `--days=N`. */
export function flagTerm(name: string, definition: ArgsDef[string]): string {
  const hint = "valueHint" in definition && definition.valueHint ? `=${definition.valueHint}` : "";
  const alias = aliasOf(definition);
  return `${alias === null ? "" : `-${alias}, `}--${name}${hint}`;
}

/** The one letter that stands for a flag; null if there is none. */
export function aliasOf(definition: ArgsDef[string]): string | null {
  return "alias" in definition && typeof definition.alias === "string" ? definition.alias : null;
}
