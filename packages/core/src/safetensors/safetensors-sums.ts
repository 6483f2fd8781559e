import { type Crc32, crc32 as ownCrc32 } from '../crc32.ts';
import { AlexNetError } from '../errors.ts';
import { readJson } from '../read-json.ts';
import {
  quoteName,
  type SafetensorsBlame,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors-header.ts';

/** Key of the metadata that holds the checksums. */
const SUMS = 'alexnet.crc32';

type Metadata = SafetensorsHeader['metadata'];
/** What a header says of a tensor. */
type DescribedTensor = Pick<SafetensorsEntry, 'name' | 'dtype' | 'shape'>;
/** With the checksum of its bytes, as it is written. */
type SummedTensor = DescribedTensor & { readonly sum: string };

/**
 * Metadata with checksums of all that a file holds, under `alexnet.crc32`: a text as long whatever the sums are.
 *
 *   {"header":"cbf43926","tensors":{"conv1.weight":"0a1b2c3d",…}}
 *
 * Each sum is CRC-32 in eight hexadecimal digits: a tensor's of its bytes, the header's of all else that the header
 * says, the tensors' sums included.
 *
 * @param sums - of the tensors, in their order
 */
export function addSums(
  metadata: Metadata,
  tensors: readonly DescribedTensor[],
  sums: readonly number[],
): Metadata {
  const summed = tensors.map((tensor, index) => ({ ...tensor, sum: format(sums[index] ?? 0) }));
  const header = format(ownCrc32(headerText(metadata, summed)));
  const list = summed.map(({ name, sum }) => `${JSON.stringify(name)}:"${sum}"`);
  return { ...metadata, [SUMS]: `{"header":"${header}","tensors":{${list.join(',')}}}` };
}

/**
 * Holds a file against its checksums, if it has any.
 *
 * @throws {@link AlexNetError} with the caller's code, naming the header or the tensor, with both sums
 */
export function checkSums(
  { entries, metadata }: SafetensorsHeader,
  { code, hint }: SafetensorsBlame,
  crc32: Crc32 = ownCrc32,
): void {
  const { [SUMS]: text, ...others } = metadata;
  if (text === undefined) return;
  const fail = (damage: string, path: readonly string[]): never => {
    throw new AlexNetError(code, {
      message: `This safetensors file is damaged: ${damage}.`,
      hint,
      path,
    });
  };
  const failHeader = (reason: string) => fail(`its header ${reason}`, []);
  const sums = parseSums(text) ?? failHeader(`has "${SUMS}" that cannot be read`);
  const summed = entries.map((entry) => {
    const sum = sums.tensors.get(entry.name);
    return { ...entry, sum: sum ?? failHeader(`has no CRC-32 of ${quoteName(entry.name)}`) };
  });
  // First: what the tensors are held against is in it.
  const header = format(ownCrc32(headerText(others, summed)));
  if (header !== sums.header) failHeader(differs(header, sums.header));
  for (const { name, bytes, sum } of summed) {
    const found = format(crc32(bytes));
    if (found !== sum) fail(`tensor ${quoteName(name)} ${differs(found, sum)}`, [name]);
  }
}

/** In an order of its own: programs that copy a header may write it in another one. */
function headerText(metadata: Metadata, tensors: readonly SummedTensor[]): Uint8Array {
  const texts = Object.entries(metadata).sort(byName);
  const described = tensors
    .map(({ name, dtype, shape, sum }) => [name, dtype, shape, sum] as const)
    .sort(byName);
  return new TextEncoder().encode(JSON.stringify([texts, described]));
}

type Named = readonly [name: string, ...rest: unknown[]];

function byName([a]: Named, [b]: Named): number {
  return a < b ? -1 : 1;
}

interface Sums {
  readonly header: string;
  readonly tensors: ReadonlyMap<string, string>;
}

/** `null` for a text of another form. */
function parseSums(text: string): Sums | null {
  try {
    const json = readJson(JSON.parse(text), { code: 'INVALID_CHECKPOINT', what: SUMS });
    const tensors = json.field('tensors').entries();
    return {
      header: json.field('header').string(),
      tensors: new Map(tensors.map(([name, sum]) => [name, sum.string()])),
    };
  } catch {
    return null;
  }
}

function format(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}

function differs(found: string, written: string): string {
  return `has the CRC-32 ${found} where ${written} was written`;
}
