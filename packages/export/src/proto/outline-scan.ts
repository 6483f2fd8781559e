import type { Message } from './message.ts';
import { graphOutline, modelOutlineMessage, tensorName } from './outline-schema.ts';
import type { Scan } from './scan.ts';

/** The fields of an outline, where they lie in a file. */
export const modelOutlineScan: Scan = scanOf(modelOutlineMessage, {
  graph: scanOf(graphOutline, { initializer: scanOf(tensorName, {}) }),
});

/** All fields of a message, some of them in part. */
export function scanOf<M>(
  { fields, keys }: Message<M>,
  parts: { readonly [Key in keyof M & string]?: Scan | number },
): Scan {
  return new Map(keys.map((key) => [fields[key].number, parts[key] ?? 'whole']));
}
