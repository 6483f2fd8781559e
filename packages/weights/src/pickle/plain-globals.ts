import { damagedFile } from '../file-error.ts';
import { COST } from './limits.ts';
import type { PickleCall, PickleGlobalRule } from './machine.ts';
import { encodeLatin1 } from './text-literals.ts';
import {
  describePickleValue,
  itemsOf,
  PickleDict,
  PickleLongText,
  type PickleValue,
  textOf,
} from './values.ts';

/** Names under which Python knows the codec, as pickles give them. */
const LATIN1_NAMES: readonly string[] = ['latin1', 'latin-1', 'latin_1', 'iso-8859-1'];

/** What any pickle of weights may name, whatever wrote it. */
export const PLAIN_GLOBALS: ReadonlyMap<string, PickleGlobalRule> = new Map([
  ['collections.OrderedDict', { call: createDict }],
  ['_codecs.encode', { call: encode }],
]);

/** Empty in Python 3, which fills it later; Python 2 gives `[[key, value], …]`. */
function createDict({ args, place, charge }: PickleCall): PickleValue {
  const dict = new PickleDict();
  const pairs = args.length === 0 ? [] : itemsOf(args[0]);
  if (pairs === undefined || args.length > 1) {
    throw damagedFile(
      place,
      `an OrderedDict is made of ${args.map(describePickleValue).join(', ')}`,
    );
  }
  charge(2 * COST.memo * pairs.length);
  for (const pair of pairs) {
    const [key, value, ...rest] = itemsOf(pair) ?? [];
    if (key === undefined || value === undefined || rest.length > 0) {
      throw damagedFile(
        place,
        `an OrderedDict is given ${describePickleValue(pair)} as key and value`,
      );
    }
    dict.set(key, value);
  }
  return dict;
}

/** How Python 3 writes bytes in the protocols of Python 2: as text whose characters are the bytes. */
function encode({ args, place, charge }: PickleCall): PickleValue {
  const [text, codec, ...rest] = args;
  const isLatin1 = LATIN1_NAMES.includes(textOf(codec) ?? '');
  const isText = typeof text === 'string' || text instanceof PickleLongText;
  if (!isText || !isLatin1 || rest.length > 0) {
    throw damagedFile(
      place,
      `it encodes ${describePickleValue(text)} as ${describePickleValue(codec)}, where only latin1 makes bytes of an array`,
    );
  }
  charge(typeof text === 'string' ? text.length : 2 * text.written.length);
  const bytes = encodeLatin1(text);
  if (bytes === undefined)
    throw damagedFile(place, 'bytes of an array hold characters beyond Latin-1');
  return bytes;
}
