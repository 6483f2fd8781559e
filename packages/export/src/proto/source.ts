import { WireReader } from '@alexnet/core/protobuf';

/**
 * Fields in one file, list elements included: a field of two bytes can make an object of a hundred. The
 * training step of a whole AlexNet has about 5,000.
 */
export const MAX_FIELDS = 1_000_000;

/** Of the numbers in weights, in bytes. */
const ALIGNMENT = 4;

/** From here on the length in front of a value takes two bytes, and with the tag makes room to move by three. */
const MIN_MOVED_BYTES = 128;

/** Where a reader stands in a file. */
export class Source {
  readonly reader: WireReader;
  /** Fields from the outermost message to here, for error messages: `graph`, `node[3]`, `opType`. */
  readonly path: string[] = [];
  private fieldCount = 0;

  private readonly ownsBytes: boolean;

  constructor(bytes: Uint8Array, { ownsBytes = false }: { readonly ownsBytes?: boolean } = {}) {
    this.ownsBytes = ownsBytes;
    // A plain Uint8Array even where a Node Buffer comes in, so that views of it are plain as well.
    this.reader = new WireReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** The value of a field of bytes, as a view. */
  bytes(): Uint8Array {
    const view = this.reader.delimited();
    const past = view.byteOffset % ALIGNMENT;
    if (!this.ownsBytes || past === 0 || view.length < MIN_MOVED_BYTES) return view;
    const all = new Uint8Array(view.buffer);
    all.copyWithin(view.byteOffset - past, view.byteOffset, view.byteOffset + view.length);
    return all.subarray(view.byteOffset - past, view.byteOffset - past + view.length);
  }

  count(): void {
    this.fieldCount += 1;
    if (this.fieldCount > MAX_FIELDS) throw new RangeError(`more than ${MAX_FIELDS} fields`);
  }
}
