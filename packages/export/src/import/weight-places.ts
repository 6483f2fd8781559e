import type { GraphProto } from '../proto/messages.ts';

/**
 * Where each weight stands in a file's order. What nodes compute of weights alone, a Concat of their parts for example,
 * stands where its first operand does.
 */
export function placeWeights({ initializer, node }: GraphProto): ReadonlyMap<string, number> {
  const places = new Map(initializer.map(({ name = '' }, index) => [name, index]));
  for (const { input, output } of node) {
    const [first, ...rest] = input.map((name) => places.get(name));
    if (first === undefined || rest.includes(undefined)) continue;
    for (const name of output) places.set(name, first);
  }
  return places;
}
