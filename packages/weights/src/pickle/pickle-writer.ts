const MAX_SHORT = 0xff;
/** Longest bytes of protocol 3, whose lengths have four bytes. */
const MAX_BYTES = 0xffffffff;

/**
 * Writes a pickle of protocol 2 or 3, value after value; whoever calls it keeps to Python's order of operations.
 * Large bytes are kept as parts and not copied.
 *
 * @see Python, Lib/pickletools.py
 */
export class PickleWriter {
  private readonly parts: Uint8Array[] = [];

  constructor(protocol: 2 | 3) {
    this.code('\x80', [protocol]);
  }

  /** A function or class, by its full name. */
  global(module: string, name: string): this {
    return this.code(`c${module}\n${name}\n`);
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    this.code('X', toUint32(bytes.length));
    return this.add(bytes);
  }

  integer(value: number): this {
    if (value >= 0 && value <= MAX_SHORT) return this.code('K', [value]);
    if (value >= -0x80000000 && value <= 0x7fffffff) return this.code('J', toUint32(value));
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
    return this.code('\x8a', [8, ...bytes]);
  }

  boolean(value: boolean): this {
    return this.code(value ? '\x88' : '\x89');
  }

  none(): this {
    return this.code('N');
  }

  /** Of protocol 3. @throws {RangeError} beyond 4 GiB */
  bytes(value: Uint8Array): this {
    if (value.length > MAX_BYTES) throw new RangeError(`${value.length} bytes in one array`);
    if (value.length <= MAX_SHORT) this.code('C', [value.length]);
    else this.code('B', toUint32(value.length));
    return this.add(value);
  }

  /** A tuple of what `write` writes. */
  tuple(write: () => void): this {
    this.code('(');
    write();
    return this.code('t');
  }

  /** A list of what `write` writes. */
  list(write: () => void): this {
    this.code('](');
    write();
    return this.code('e');
  }

  integers(values: readonly number[]): this {
    return this.tuple(() => {
      for (const value of values) this.integer(value);
    });
  }

  /** An empty dict. */
  dict(): this {
    return this.code('}');
  }

  /** Puts the keys and values that `write` writes into the dict before. */
  items(write: () => void): this {
    this.code('(');
    write();
    return this.code('u');
  }

  /** Calls the function before with the tuple that `write` writes. */
  call(write: () => void): this {
    this.tuple(write);
    return this.code('R');
  }

  /** Gives the object before the state before. */
  build(): this {
    return this.code('b');
  }

  /** Replaces the value before by what it refers to. */
  persistent(): this {
    return this.code('Q');
  }

  /** Ends the pickle. */
  finish(): readonly Uint8Array[] {
    this.code('.');
    return this.parts;
  }

  private code(letters: string, operand: Iterable<number> = []): this {
    const codes = Array.from(letters, (letter) => letter.charCodeAt(0));
    return this.add(Uint8Array.from([...codes, ...operand]));
  }

  private add(part: Uint8Array): this {
    this.parts.push(part);
    return this;
  }
}

function toUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
