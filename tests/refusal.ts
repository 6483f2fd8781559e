import { isAlexNetError } from '@alexnet/core';
import { expect } from 'vitest';

/**
 * What a step is refused with: code and message.
 *
 * @throws what is none of ours, or comes without a hint
 */
export async function refusal(step: () => unknown): Promise<string> {
  try {
    await step();
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    expect(error.message.length).toBeLessThan(1000);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('It was accepted.');
}
