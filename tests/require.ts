import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Printed by `npm test` beside the number of skipped tests. */
    skipReason?: string;
  }
}

/**
 * Skips the running test where something optional is missing, and says why. With
 * `ALEXNET_REQUIRE_<NAME>=1` in the environment the test fails instead.
 *
 * @param name - what is needed, as in the variable: `PYTHON`, `CUDA`, `WEBGPU`.
 * @param reason - what is missing and what would provide it.
 */
export function requireOrSkip(
  context: TestContext,
  name: string,
  available: boolean,
  reason: string,
): void {
  if (available) return;
  const variable = `ALEXNET_REQUIRE_${name}`;
  if (process.env[variable] === '1') throw new Error(`${variable}=1, but: ${reason}`);
  context.task.meta.skipReason = reason;
  context.skip(reason);
}
