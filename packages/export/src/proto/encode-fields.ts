import type { Message } from './message.ts';
import type { PartWriter } from './part-writer.ts';

/**
 * Writes every property that is set, even at its default value: readers of the proto2 flavour of ONNX
 * ask whether a field is there.
 */
export function encodeFields<M>(sink: PartWriter, { fields, keys }: Message<M>, value: M): void {
  for (const key of keys) encodeField(sink, fields, key, value);
}

function encodeField<M, Key extends keyof M & string>(
  sink: PartWriter,
  fields: Message<M>['fields'],
  key: Key,
  value: M,
): void {
  const property = value[key];
  if (property !== undefined) fields[key].write(sink, property as Exclude<M[Key], undefined>);
}
