import { expect, test } from 'vitest';
import { createProgress, type Progress } from './progress.ts';

test('adds up files, and says no total before each is known', () => {
  const seen: Progress[] = [];
  const progress = createProgress((step) => seen.push(step));
  const model = progress.add();
  model(10, null);
  model(20, 20);
  const shard = progress.add(100);
  model(20, 20);
  shard(40, 100);
  expect(seen).toEqual([
    { loadedBytes: 10, totalBytes: null },
    { loadedBytes: 20, totalBytes: 20 },
    { loadedBytes: 20, totalBytes: 120 },
    { loadedBytes: 60, totalBytes: 120 },
  ]);
});
