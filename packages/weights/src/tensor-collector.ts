import { sizeOf } from '@alexnet/core';
import { damagedFile } from './file-error.ts';
import { quoteName } from './quote-name.ts';
import type { FileTensor } from './weight-file.ts';

/** Most arrays in one file. */
const MAX_TENSORS = 10_000;
/** Names that a note lists. */
const MAX_LISTED = 5;

/**
 * Gathers the arrays of one file. As a number takes at least one byte, there cannot be more numbers than
 * the file has bytes: beyond that, arrays are said to lie over each other, or one number to be many.
 */
export class TensorCollector {
  private readonly tensors = new Map<string, FileTensor>();
  private readonly leftOut: string[] = [];
  private readonly place: string;
  private readonly fileBytes: number;
  private count = 0;

  constructor(place: string, fileBytes: number) {
    this.place = place;
    this.fileBytes = fileBytes;
  }

  /** @throws {@link AlexNetError} `INVALID_MODEL`: a name that is there already, too many arrays or numbers */
  add(name: string, tensor: FileTensor): void {
    if (this.tensors.has(name)) {
      throw damagedFile(this.place, `array ${quoteName(name)} is there twice`);
    }
    this.count += sizeOf(tensor.shape);
    if (this.tensors.size >= MAX_TENSORS) {
      throw damagedFile(this.place, `it has more arrays than the limit of ${MAX_TENSORS}`);
    }
    if (this.count > this.fileBytes) {
      throw damagedFile(
        this.place,
        `its arrays up to ${quoteName(name)} would have ${this.count} numbers, more than the ${this.fileBytes} bytes that hold them`,
      );
    }
    this.tensors.set(name, tensor);
  }

  /** Notes a value that is no array of numbers. */
  skip(name: string): void {
    this.leftOut.push(name);
  }

  get size(): number {
    return this.tensors.size;
  }

  finish(): {
    readonly tensors: ReadonlyMap<string, FileTensor>;
    readonly notes: readonly string[];
  } {
    const { leftOut, tensors } = this;
    if (leftOut.length === 0) return { tensors, notes: [] };
    const listed = leftOut.slice(0, MAX_LISTED).map(quoteName).join(', ');
    const more = leftOut.length > MAX_LISTED ? ` and ${leftOut.length - MAX_LISTED} more` : '';
    return { tensors, notes: [`Left out, as no arrays of numbers: ${listed}${more}.`] };
  }
}
