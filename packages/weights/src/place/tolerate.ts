import { isAlexNetError } from '@alexnet/core';

/** What a network or an option makes impossible is undefined; what is our own fault is an error all the same. */
export function tolerate<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (isAlexNetError(error) && error.code !== 'INTERNAL') return undefined;
    throw error;
  }
}
