import { WireType } from '@alexnet/core/protobuf';
import type { Field, Message } from './message.ts';
import type { Source } from './source.ts';

/** Messages within messages; protobuf's own libraries stop at the same depth. */
export const MAX_DEPTH = 100;

/**
 * Reads a message: length, then fields. Unknown fields are skipped.
 *
 * @throws RangeError, TypeError or Error of the codec, for the caller to put into words; `source.path`
 *   then says where.
 */
export function decodeFields<M>(source: Source, type: Message<M>): M {
  const { reader } = source;
  const end = reader.uint32() + reader.position;
  const outerEnd = reader.end;
  if (end > outerEnd) throw new RangeError(`it should reach to byte ${end}`);
  if (source.path.length > MAX_DEPTH) {
    throw new RangeError(`more than ${MAX_DEPTH} messages within each other`);
  }
  reader.end = end;
  const value = decodeUntilEnd(source, type);
  reader.end = outerEnd;
  return value;
}

/** Reads the fields of a message that has no length before it, as the whole file. */
export function decodeUntilEnd<M>(source: Source, { fields, keys, byNumber }: Message<M>): M {
  const { reader } = source;
  const value: Draft<M> = {};
  while (reader.position < reader.end) {
    source.count();
    const { number, wireType } = reader.tag();
    const key = byNumber.get(number);
    if (key === undefined) reader.skip(wireType, number);
    else decodeField(source, fields, key, wireType, value);
  }
  for (const key of keys) fillAbsent(source, fields, key, value);
  return value as M;
}

type Draft<M> = { -readonly [Key in keyof M]?: M[Key] };

function decodeField<M, Key extends keyof M & string>(
  source: Source,
  fields: Message<M>['fields'],
  key: Key,
  wireType: number,
  value: Draft<M>,
): void {
  const field: Field<Exclude<M[Key], undefined>> = fields[key];
  const previous = value[key] as Exclude<M[Key], undefined> | undefined;
  const isList = typeof field.absence === 'object' && Array.isArray(field.absence.value);
  source.path.push(isList ? `${key}[${Array.isArray(previous) ? previous.length : 0}]` : key);
  const isPacked = isList && wireType === WireType.bytes;
  if (wireType !== field.wireType && !isPacked) {
    throw new RangeError(`wire type ${wireType} in place of ${field.wireType}`);
  }
  value[key] = field.read(source, previous, wireType);
  source.path.pop();
}

function fillAbsent<M, Key extends keyof M & string>(
  source: Source,
  fields: Message<M>['fields'],
  key: Key,
  value: Draft<M>,
): void {
  if (value[key] !== undefined) return;
  const { absence }: Field<Exclude<M[Key], undefined>> = fields[key];
  if (absence === 'required') {
    source.path.push(key);
    throw new RangeError('it is missing');
  }
  if (absence !== 'optional') value[key] = absence.value;
}
