import { expect, test } from 'vitest';
import { createLatest } from './latest.ts';

test('a task that nothing overtakes gives its result, or its error', async () => {
  const latest = createLatest();
  expect(await latest.run(async () => 7)).toBe(7);
  await expect(latest.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('the newest task ends the one before, whether that gives in or not', async () => {
  const latest = createLatest();
  const gives = latest.run(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  let finish: (value: string) => void = () => {};
  const deaf = latest.run(() => new Promise<string>((resolve) => (finish = resolve)));
  const newest = latest.run(async () => 'newest');
  finish('late');
  expect(await Promise.all([gives, deaf, newest])).toEqual([null, null, 'newest']);
});

test('stop ends it', async () => {
  const latest = createLatest();
  const call = latest.run(async (signal) => signal.aborted);
  latest.stop();
  expect(await call).toBeNull();
});
