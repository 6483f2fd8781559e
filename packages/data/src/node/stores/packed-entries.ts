/** What the directory of a zip archive says of an entry, its name apart. */
export interface PackedEntry {
  readonly offset: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly crc: number;
  readonly method: number;
  readonly nameBytes: number;
}

const FIELDS = 6;
const ROWS_OF_PART = 4096;

/** Entries as numbers in a row: a million take 48 MB, where objects take more than twice as much. */
export class PackedEntries {
  readonly #parts: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add({ offset, packedBytes, sizeBytes, crc, method, nameBytes }: PackedEntry): void {
    const row = this.#length % ROWS_OF_PART;
    if (row === 0) this.#parts.push(new Float64Array(FIELDS * ROWS_OF_PART));
    const fields = [offset, packedBytes, sizeBytes, crc, method, nameBytes];
    this.#parts.at(-1)?.set(fields, FIELDS * row);
    this.#length += 1;
  }

  at(index: number): PackedEntry {
    const part = this.#parts[Math.floor(index / ROWS_OF_PART)];
    const first = FIELDS * (index % ROWS_OF_PART);
    const field = (number: number) => part?.[first + number] ?? Number.NaN;
    return {
      offset: field(0),
      packedBytes: field(1),
      sizeBytes: field(2),
      crc: field(3),
      method: field(4),
      nameBytes: field(5),
    };
  }

  /** Indices of the entries as they lie in the archive. */
  orderByOffset(): Uint32Array {
    const offsets = Float64Array.from(
      { length: this.#length },
      (_, index) => this.at(index).offset,
    );
    const order = Uint32Array.from({ length: this.#length }, (_, index) => index);
    const isInOrder = offsets.every(
      (offset, index) => index === 0 || offset >= (offsets[index - 1] ?? 0),
    );
    return isInOrder ? order : order.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0) || a - b);
  }
}
