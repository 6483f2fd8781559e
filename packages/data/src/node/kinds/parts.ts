export type Part = 'training' | 'validation' | 'test';

/** The parts of a data set, by what folders, lists and archives of them are called. */
const PART_WORDS: Readonly<Record<Part, RegExp>> = {
  training: /^train(?:ing)?(?![a-z])/i,
  validation: /^(?:val|valid|validation|dev)(?![a-z])/i,
  test: /^test(?:ing)?(?![a-z])/i,
};

export const PARTS: readonly Part[] = ['training', 'validation', 'test'];

/** Which part a name begins with: `val` and `val-0003`, not `value`. */
export function partOfName(name: string): Part | null {
  return PARTS.find((part) => PART_WORDS[part].test(name)) ?? null;
}
