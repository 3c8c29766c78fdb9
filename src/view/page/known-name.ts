/**
 * The symbol as the cache has it: small letters may stand for capitals, as people type them. A name all in capitals is
 * none but its own: stocks may differ by that alone (BCPC, BCpC).
 */
export function knownName(typed: string, symbols: readonly { readonly symbol: string }[]): string {
  const capitals = typed.toUpperCase();
  const names = symbols.map(({ symbol }) => symbol);
  const found = [typed, capitals].find((name) => names.includes(name));
  if (found !== undefined || typed === capitals) return found ?? typed;
  return names.find((name) => name.toUpperCase() === capitals) ?? typed;
}
