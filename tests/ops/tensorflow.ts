import { findTensorFlow } from '@alexnet/train/node';
import type { TestContext } from 'vitest';
import { requireOrSkip } from '../require.ts';

/** Skips a test where no TensorFlow is set up; for `beforeEach`. */
export async function requireTensorFlow(context: TestContext): Promise<void> {
  const found = await findTensorFlow();
  const reason = 'TensorFlow is not set up: alexnet setup tfjs';
  requireOrSkip(context, 'TFJS', found.length > 0, reason);
}
