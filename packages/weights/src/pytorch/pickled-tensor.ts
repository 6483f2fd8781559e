import { createFileTensor } from '../elements/create-file-tensor.ts';
import { ELEMENT_BYTES, type ElementType } from '../elements/element-type.ts';
import { damagedFile } from '../file-error.ts';
import { describePickleValue, PickleInstance, type PickleValue } from '../pickle/values.ts';
import type { FileTensor } from '../weight-file.ts';

/** Numbers that tensors are parts of: a storage of PyTorch, whose bytes lie outside of the pickle. */
export class PickledStorage extends PickleInstance {
  override readonly description = 'a storage';
  readonly key: string;
  readonly type: ElementType;
  readonly count: number;
  /** Elements of its root's bytes before the first one. */
  readonly offset: number;
  private readonly root: PickledStorage | undefined;
  private bytes: Uint8Array | undefined;

  constructor(
    key: string,
    type: ElementType,
    count: number,
    view?: { readonly root: PickledStorage; readonly offset: number },
  ) {
    super();
    this.key = key;
    this.type = type;
    this.count = count;
    this.root = view?.root;
    this.offset = view?.offset ?? 0;
  }

  get sizeBytes(): number {
    return this.count * ELEMENT_BYTES[this.type];
  }

  /** Gives it its bytes, once the pickle is read. */
  fill(bytes: Uint8Array, place: string): void {
    if (bytes.length !== this.sizeBytes) {
      throw damagedFile(
        place,
        `storage ${this.key} of ${this.count} ${this.type} needs ${this.sizeBytes} bytes, but has ${bytes.length}`,
      );
    }
    this.bytes = bytes;
  }

  read(place: string): Uint8Array {
    const all = this.root === undefined ? this.bytes : this.root.read(place);
    if (all === undefined) throw damagedFile(place, `storage ${this.key} is not in the file`);
    const begin = this.offset * ELEMENT_BYTES[this.type];
    return all.subarray(begin, begin + this.sizeBytes);
  }

  override setState(state: PickleValue, place: string): void {
    throw damagedFile(place, `a storage is filled with ${describePickleValue(state)}`);
  }
}

interface TensorLayout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A tensor or parameter of PyTorch: some elements of a storage. */
export class PickledTensor extends PickleInstance {
  override readonly description = 'a tensor';
  readonly storage: PickledStorage;
  private readonly layout: TensorLayout;

  constructor(storage: PickledStorage, layout: TensorLayout) {
    super();
    this.storage = storage;
    this.layout = layout;
  }

  toFileTensor(place: string, byteOrder: 'little' | 'big'): FileTensor {
    const { type } = this.storage;
    return createFileTensor(
      { type, bytes: this.storage.read(place), byteOrder, ...this.layout },
      place,
    );
  }

  override setState(state: PickleValue, place: string): void {
    throw damagedFile(place, `a tensor is filled with ${describePickleValue(state)}`);
  }
}
