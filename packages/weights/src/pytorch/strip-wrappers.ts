/** What wrappers put before every name: DataParallel, torch.compile, and classes that keep the network in a field. */
const PREFIXES: readonly string[] = ['module.', '_orig_mod.', 'model.', 'net.', 'network.'];

/** DataParallel around a part of a network: `features.module.0.weight`, as PyTorch's own example makes it. */
const INNER = /\.module(?=\.)/g;

/** Wrappers around each other. */
const MAX_WRAPPERS = 4;

/**
 * Takes off what wrappers add to the names of a network's weights, as long as all names have it and none become
 * the same.
 */
export function stripWrappers(names: readonly string[]): {
  readonly names: readonly string[];
  readonly removed: readonly string[];
} {
  let current = names;
  const removed: string[] = [];
  const apply = (next: readonly string[], what: string) => {
    if (new Set(next).size !== next.length) return false;
    current = next;
    removed.push(what);
    return true;
  };
  const findPrefix = () =>
    PREFIXES.find(
      (prefix) => current.length > 0 && current.every((name) => name.startsWith(prefix)),
    );
  while (removed.length < MAX_WRAPPERS) {
    const prefix = findPrefix();
    const next = current.map((name) => name.slice(prefix?.length));
    if (prefix === undefined || !apply(next, prefix)) break;
  }
  const inner = current.map((name) => name.replaceAll(INNER, ''));
  if (inner.some((name, index) => name !== current[index])) apply(inner, '.module');
  return { names: current, removed };
}
