import { invariant } from '@alexnet/core';

/**
 * The value of a name that has to be there.
 *
 * @throws {@link AlexNetError} `INTERNAL` naming it
 */
export function pick<T>(values: ReadonlyMap<string, T>, name: string): T {
  return checkKnown(values.get(name), name);
}

/** The same of an object. */
export function pickField<T>(values: Readonly<Record<string, T>>, name: string): T {
  return checkKnown(values[name], name);
}

/**
 * Values by the names that belong to them, in the same order.
 *
 * @throws {@link AlexNetError} `INTERNAL` with both numbers, if there are more of one
 */
export function nameAll<T>(names: readonly string[], values: readonly T[]): ReadonlyMap<string, T> {
  const both = `${values.length} values for ${names.length} names: ${names.join(', ')}`;
  invariant(names.length === values.length, both);
  // There are as many.
  return new Map(names.map((name, index) => [name, values[index] as T]));
}

function checkKnown<T>(value: T | undefined, name: string): T {
  invariant(value !== undefined, `"${name}" is not known`);
  return value;
}
