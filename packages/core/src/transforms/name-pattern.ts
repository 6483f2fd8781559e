/**
 * Whether a name fits a pattern, in which `*` stands for any text: `conv*`, `*.bias`, `fc8`.
 */
export function createNameTest(pattern: string): (name: string) => boolean {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (name) => expression.test(name);
}
