import { describe, expect, test, vi } from 'vitest';
import { readBatches } from './batches.ts';
import { BASE, collect, createFake } from './test-batches.ts';

describe('ahead of their use', () => {
  test('the next batches are read while one is used, and no more of them', async () => {
    const { dataset, state } = createFake({ length: 80 });
    const iterator = readBatches(dataset, { ...BASE, prefetch: 2 })[Symbol.asyncIterator]();
    await iterator.next();
    await vi.waitFor(() => expect(state.started).toHaveLength(24));
    await new Promise((go) => setTimeout(go, 5));
    expect(state.started).toHaveLength(24);
    await iterator.next();
    await vi.waitFor(() => expect(state.started).toHaveLength(32));
    await iterator.return?.();
  });

  test('so many pictures are decoded at a time, and no more', async () => {
    const { dataset, state } = createFake({ length: 40, delay: () => 2 });
    await collect(dataset, { parallel: 3 });
    expect(state.mostRunning).toBe(3);
  });

  test('leaving the loop ends the reading before it returns', async () => {
    const { dataset, state } = createFake({ length: 80, delay: () => 3 });
    for await (const batch of readBatches(dataset, { ...BASE, parallel: 4 })) {
      expect(batch.count).toBe(8);
      break;
    }
    expect(state.running).toBe(0);
    const { length } = state.started;
    await new Promise((go) => setTimeout(go, 5));
    expect(state.started).toHaveLength(length);
    expect(length).toBeLessThan(20);
  });

  test('a signal ends it', async () => {
    const { dataset, state } = createFake({ length: 80, delay: () => 1 });
    const controller = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const batch of readBatches(dataset, { ...BASE, signal: controller.signal })) {
        seen.push(batch.count);
        controller.abort('enough');
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(seen).toEqual([8]);
    expect(state.running).toBe(0);
  });

  test('a signal given too late lets nothing begin', async () => {
    const { dataset, state } = createFake();
    await expect(collect(dataset, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(state.started).toEqual([]);
  });
});
