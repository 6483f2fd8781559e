/**
 * Compares by Unicode code points: the same order on every machine, whatever its language.
 * (JavaScript's own `<` goes by UTF-16 units and puts some rarer scripts elsewhere.)
 */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    // The units differ here; a surrogate pair that began before has the same first half in both.
    return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
  }
  return a.length - b.length;
}
