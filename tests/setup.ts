import { inspect } from 'node:util';
import { afterEach, beforeEach } from 'vitest';
import './equal-arrays.ts';

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

/** A test that prints to the console fails: what it checks is in its assertions. */
const printed: string[] = [];
const originals = new Map(METHODS.map((method) => [method, console[method]]));

beforeEach(() => {
  printed.length = 0;
  for (const method of METHODS) {
    console[method] = (...values: unknown[]): void => {
      const text = values.map((value) => (typeof value === 'string' ? value : inspect(value)));
      printed.push(`console.${method}: ${text.join(' ')}`);
    };
  }
});

afterEach(() => {
  for (const [method, original] of originals) console[method] = original;
  const lines = printed.splice(0);
  if (lines.length > 0) throw new Error(`The test printed to the console:\n${lines.join('\n')}`);
});
