import { AlexNetError } from '@alexnet/core';
import { createNameTest } from '@alexnet/core/transforms';
import type { SkipTest } from './align-layers.ts';

/** Whether a layer is left out: `fc8`, `fc*`, `classifier.6`; files' levels may be joined by dots or slashes. */
export function createSkipTest(patterns: readonly string[]): SkipTest {
  const tests = patterns.map((pattern) => createNameTest(normalize(pattern)));
  return (name) => {
    const normal = normalize(name);
    const end = normal.slice(normal.lastIndexOf('/') + 1);
    // The `6` of classifier.6 alone names nothing.
    const isWord = /\D/.test(end);
    return tests.some((isNamed) => isNamed(normal) || (isWord && isNamed(end)));
  };
}

function normalize(name: string): string {
  return name.replaceAll('.', '/');
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for a pattern that names nothing */
export function checkSkips(patterns: readonly string[], names: readonly string[]): void {
  for (const pattern of patterns) {
    if (names.some(createSkipTest([pattern]))) continue;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `No layer is called "${pattern}".`,
      hint: `Layers: ${[...new Set(names)].slice(0, 40).join(', ')}.`,
      path: [pattern],
    });
  }
}
