import { WireReader } from '@alexnet/core/protobuf';

/**
 * Fields in one file, list elements included: a field of two bytes can make an object of a hundred. The
 * training step of a whole AlexNet has about 5,000.
 */
export const MAX_FIELDS = 1_000_000;

/** Where a reader stands in a file. */
export class Source {
  readonly reader: WireReader;
  /** Fields from the outermost message to here, for error messages: `graph`, `node[3]`, `opType`. */
  readonly path: string[] = [];
  /** Whether nothing else reads the bytes, so that values may be moved to where floats can be views of them. */
  readonly ownsBytes: boolean;
  private fieldCount = 0;

  constructor(bytes: Uint8Array, { ownsBytes = false }: { readonly ownsBytes?: boolean } = {}) {
    this.ownsBytes = ownsBytes;
    // A plain Uint8Array even where a Node Buffer comes in, so that views of it are plain as well.
    this.reader = new WireReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  count(): void {
    this.fieldCount += 1;
    if (this.fieldCount > MAX_FIELDS) throw new RangeError(`more than ${MAX_FIELDS} fields`);
  }
}
