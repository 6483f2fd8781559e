import { expect, test } from 'vitest';
import { createLimiter } from './limiter.ts';

test('runs at most so many at a time, in the order in which they came', async () => {
  const limiter = createLimiter(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const task = (index: number) => async () => {
    started.push(index);
    running++;
    most = Math.max(most, running);
    await Promise.resolve();
    await Promise.resolve();
    running--;
    return index * 10;
  };
  const results = await Promise.all([0, 1, 2, 3, 4].map((index) => limiter.run(task(index))));
  expect(results).toEqual([0, 10, 20, 30, 40]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
});

test('a task that fails gives its place to the next', async () => {
  const limiter = createLimiter(1);
  const failed = limiter.run(() => Promise.reject(new Error('no')));
  const next = limiter.run(() => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
