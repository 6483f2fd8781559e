import { AlexNetError } from '@alexnet/core';
import {
  type AttributeProto,
  AttributeType,
  DataType,
  type TensorProto,
} from './proto/messages.ts';

export type Pair = readonly [number, number];
export type Quad = readonly [number, number, number, number];

/**
 * The attributes of one ONNX node.
 *
 * Reading throws `INVALID_MODEL` for an attribute that is not there and has no fallback, or is of another
 * type. Expecting throws `UNSUPPORTED` unless the attribute is absent or says what the IR means.
 */
export class AttributeReader {
  private readonly nodeName: string;
  private readonly byName: ReadonlyMap<string, AttributeProto>;
  private readonly seen = new Set<string>();

  /** @param nodeName - for error messages: `conv1 (Conv)` */
  constructor(nodeName: string, attributes: readonly AttributeProto[]) {
    this.nodeName = nodeName;
    this.byName = indexByName(nodeName, attributes);
  }

  integer(name: string, fallback?: number): number {
    return this.orFail(name, this.takeInteger(name) ?? fallback);
  }

  /** An integer that says yes (1) or no (0, or nothing). */
  flag(name: string): boolean {
    const value = this.takeInteger(name) ?? 0;
    if (value !== 1) this.check(name, value, 0);
    return value === 1;
  }

  float(name: string, fallback?: number): number {
    return this.orFail(name, this.takeFloat(name) ?? fallback);
  }

  pair(name: string, fallback?: Pair): Pair {
    const [a, b, ...rest] = this.orFail(name, this.takeIntegers(name) ?? fallback);
    if (a === undefined || b === undefined || rest.length > 0) throw this.notPlanar(name);
    return [a, b];
  }

  quad(name: string, fallback?: Quad): Quad {
    const integers = this.orFail(name, this.takeIntegers(name) ?? fallback);
    const [a, b, c, d] = integers;
    if (integers.length > 4 || a === undefined || b === undefined) throw this.notPlanar(name);
    if (c === undefined || d === undefined) throw this.notPlanar(name);
    return [a, b, c, d];
  }

  /** @param fallback - ONNX's default where it is not what the IR means */
  expectInteger(name: string, expected: number, fallback: number = expected): void {
    this.check(name, this.takeInteger(name) ?? fallback, expected);
  }

  expectFloat(name: string, expected: number): void {
    this.check(name, this.takeFloat(name) ?? expected, expected);
  }

  expectIntegers(name: string, expected: readonly number[]): void {
    this.check(name, this.takeIntegers(name) ?? expected, expected);
  }

  expectString(name: string, expected: string): void {
    this.check(name, this.optionalString(name) ?? expected, expected);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** These are undefined where the attribute is not there. */
  optionalInteger(name: string): number | undefined {
    return this.takeInteger(name);
  }

  optionalIntegers(name: string): readonly number[] | undefined {
    return this.takeIntegers(name);
  }

  optionalFloat(name: string): number | undefined {
    return this.take(name, AttributeType.float, ({ f }) => f);
  }

  optionalFloats(name: string): readonly number[] | undefined {
    return this.take(name, AttributeType.floats, ({ floats }) => floats);
  }

  optionalString(name: string): string | undefined {
    const bytes = this.take(name, AttributeType.string, ({ s }) => s);
    return bytes && new TextDecoder().decode(bytes);
  }

  optionalTensor(name: string): TensorProto | undefined {
    return this.take(name, AttributeType.tensor, ({ t }) => t);
  }

  /** A data type: a number, but its name in operator sets before 6. */
  dataType(name: string): number {
    if (this.byName.get(name)?.type !== AttributeType.string) return this.integer(name);
    const wanted = this.optionalString(name)?.toLowerCase();
    const known = Object.entries(DataType).find(([type]) => type.toLowerCase() === wanted);
    return this.orFail(name, known?.[1]);
  }

  /** Passes over an attribute without effect. */
  ignore(name: string): void {
    this.seen.add(name);
  }

  /** @throws AlexNetError `UNSUPPORTED` for an attribute that nothing has asked for */
  checkAllRead(): void {
    for (const name of this.byName.keys()) {
      if (this.seen.has(name)) continue;
      throw new AlexNetError('UNSUPPORTED', {
        message: `${this.nodeName} has the attribute "${name}", which this reader does not know.`,
        hint: READS_OWN,
        path: [name, this.nodeName],
      });
    }
  }

  private takeInteger(name: string): number | undefined {
    return this.take(name, AttributeType.int, ({ i }) => (i === undefined ? undefined : Number(i)));
  }

  private takeFloat(name: string): number | undefined {
    return this.take(name, AttributeType.float, ({ f }) =>
      f === undefined ? undefined : shortenFloat32(f),
    );
  }

  private takeIntegers(name: string): readonly number[] | undefined {
    return this.take(name, AttributeType.ints, ({ ints }) => ints.map(Number));
  }

  private take<T>(
    name: string,
    type: number,
    select: (attribute: AttributeProto) => T | undefined,
  ): T | undefined {
    this.seen.add(name);
    const attribute = this.byName.get(name);
    if (!attribute) return undefined;
    // Files of the first version do not say the type.
    const isTyped = attribute.type === type || attribute.type === 0;
    const value = isTyped ? select(attribute) : undefined;
    if (value !== undefined) return value;
    throw new AlexNetError('INVALID_MODEL', {
      message: `${this.nodeName}: the attribute "${name}" has type ${attribute.type}, but should have type ${type}.`,
      hint: 'The numbers are those of AttributeProto.AttributeType in onnx.proto.',
      path: [name, this.nodeName],
    });
  }

  private orFail<T>(name: string, value: T | undefined): T {
    if (value !== undefined) return value;
    throw new AlexNetError('INVALID_MODEL', {
      message: `${this.nodeName} has no attribute "${name}".`,
      hint: READS_OWN,
      path: [name, this.nodeName],
    });
  }

  private check(name: string, value: unknown, expected: unknown): void {
    if (String(value) === String(expected)) return;
    throw new AlexNetError('UNSUPPORTED', {
      message: `${this.nodeName} has ${name} = ${String(value)}, but this reader only knows ${String(expected)}.`,
      hint: READS_OWN,
      path: [name, this.nodeName],
    });
  }

  private notPlanar(name: string): AlexNetError {
    return new AlexNetError('UNSUPPORTED', {
      message: `${this.nodeName}: the attribute "${name}" is not one of pictures, which have two axes.`,
      hint: READS_OWN,
      path: [name, this.nodeName],
    });
  }
}

const READS_OWN = 'https://onnx.ai/onnx/operators lists the attributes of each operator set.';

/** Digits that tell any two float32 apart. */
const FLOAT32_DIGITS = 9;

/** The shortest decimal of a float32: 0.0001 in place of 0.00009999999747378752. */
export function shortenFloat32(value: number): number {
  for (let digits = 1; digits < FLOAT32_DIGITS; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(short), value)) return short;
  }
  return value;
}

function indexByName(
  nodeName: string,
  attributes: readonly AttributeProto[],
): ReadonlyMap<string, AttributeProto> {
  const byName = new Map<string, AttributeProto>();
  for (const attribute of attributes) {
    if (byName.has(attribute.name)) {
      throw new AlexNetError('INVALID_MODEL', {
        message: `${nodeName} has the attribute "${attribute.name}" twice.`,
        hint: 'The file is damaged, or made to be read in two ways.',
        path: [attribute.name, nodeName],
      });
    }
    byName.set(attribute.name, attribute);
  }
  return byName;
}
