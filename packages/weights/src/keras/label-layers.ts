/** Names of a layer after those of the models that it lies in, outermost first. */
export type LayerPath = readonly string[];

/**
 * A name for each layer: its own where no other has it, else with those of the models that it lies in.
 *
 * @returns in the order of the paths; equal paths get equal names
 */
export function labelLayers(paths: readonly LayerPath[]): readonly string[] {
  const owners = new Map<string, Set<string>>();
  for (const path of paths) {
    const own = path.at(-1) ?? '';
    owners.set(own, (owners.get(own) ?? new Set()).add(path.join('/')));
  }
  return paths.map((path) => {
    const own = path.at(-1) ?? '';
    return (owners.get(own)?.size ?? 0) > 1 ? path.join('/') : own;
  });
}
