import { readNodeNames } from './node-names.ts';

/** What hands values on as they are. */
const PASS_ON: ReadonlySet<string> = new Set([
  'Identity',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Cast',
  'Dropout',
]);

/**
 * Whether an output of a model holds probabilities because a softmax made them, whatever its name is.
 *
 * @throws AlexNetError `INVALID_MODEL` for bytes that are no model
 */
export function endsInSoftmax(bytes: Uint8Array, output: string): boolean {
  const { nodes } = readNodeNames(bytes);
  const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  let maker = makers.get(output);
  // No more steps than there are nodes: a file may name its values in a circle.
  for (let step = 0; step < nodes.length && maker && PASS_ON.has(maker.opType); step++) {
    maker = makers.get(maker.input[0] ?? '');
  }
  return maker?.opType === 'Softmax';
}
