import type { PartWriter } from './part-writer.ts';
import type { Source } from './source.ts';

/** How one field of a message stands in the bytes. */
export interface Field<T> {
  /** As in the .proto file: permanent. */
  readonly number: number;
  readonly wireType: number;
  /** What a message without this field has: nothing, this value, or a fault. */
  readonly absence: 'optional' | 'required' | { readonly value: T };
  /** @param previous - what the same field held before: repeated fields grow. */
  read(source: Source, previous: T | undefined, wireType: number): T;
  write(sink: PartWriter, value: T): void;
}

/** A message type: one field for each property. */
export interface Message<M> {
  readonly fields: Fields<M>;
  /** In the order of writing: by field number, as protobuf's own libraries do. */
  readonly keys: readonly (keyof M & string)[];
  readonly byNumber: ReadonlyMap<number, keyof M & string>;
}

export type Fields<M> = {
  readonly [Key in keyof M & string]-?: Field<Exclude<M[Key], undefined>>;
};

export function defineMessage<M>(fields: Fields<M>): Message<M> {
  const keys = Object.keys(fields) as (keyof M & string)[];
  return { fields, keys, byNumber: new Map(keys.map((key) => [fields[key].number, key])) };
}
