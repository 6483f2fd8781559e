import type { KerasLayer, KerasNetwork } from './keras-network.ts';

/** A group of a file, and the layer that it belongs to, where the file describes its network. */
export interface LayerGroup {
  readonly name: string;
  readonly layer: KerasLayer | null;
}

/**
 * Groups in the order of their layers. Keras 3 names them after classes and counts them, `conv2d`, `conv2d_1`; Keras
 * 2.12 counts some twice: the n-th group of a class is that of its n-th layer.
 *
 * Without a description, groups of a class stand in the order of their numbers, on the places that groups of that class
 * have in the file.
 *
 * @see keras/src/saving/saving_lib.py, `_save_container_state`
 */
export function pairGroups(
  names: readonly string[],
  network: KerasNetwork | null,
): readonly LayerGroup[] {
  const classes = new Map<string, string[]>();
  for (const name of names) {
    const className = classOf(name);
    const stack = classes.get(className) ?? [];
    stack.push(name);
    classes.set(className, stack);
  }
  for (const stack of classes.values()) stack.sort((a, b) => numberOf(b) - numberOf(a));
  const next = (className: string) => classes.get(className)?.pop();
  const paired = (network?.layers ?? []).flatMap((layer): readonly LayerGroup[] => {
    const name = next(toSnakeCase(layer.className));
    return name === undefined ? [] : [{ name, layer }];
  });
  const rest = names.flatMap((name): readonly LayerGroup[] => {
    const own = next(classOf(name));
    return own === undefined ? [] : [{ name: own, layer: null }];
  });
  return [...paired, ...rest];
}

/** `conv2d`, then `conv2d_1`, `conv2d_2` … */
export function countName(name: string, used: Map<string, number>): string {
  const count = used.get(name) ?? 0;
  used.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

/** `MaxPooling2D` as `max_pooling2d`. */
function toSnakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function classOf(name: string): string {
  return name.replace(/_\d+$/, '');
}

function numberOf(name: string): number {
  return Number(/_(\d+)$/.exec(name)?.[1] ?? 0);
}
