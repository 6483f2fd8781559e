import { describe, expect, test, vi } from 'vitest';
import { formatBytes, formatPercent, formatTable } from './format.ts';
import { createProgress, formatDuration } from './progress.ts';
import type { Terminal } from './terminal.ts';

function createFakeTerminal(isInteractive: boolean): Terminal & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    isInteractive,
    columns: 80,
    result: (line) => lines.push(line),
    bytes: () => {},
    note: (line) => lines.push(line),
    status: (line) => lines.push(line),
  };
}

describe('createProgress', () => {
  test('on a terminal: a bar, the rate and the time left', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const terminal = createFakeTerminal(true);
    const progress = createProgress(terminal, { label: 'training', total: 100, unit: 'steps' });
    progress.update(0);
    vi.advanceTimersByTime(10_000);
    progress.update(25, 'loss 1.2');
    progress.finish();
    vi.useRealTimers();
    expect(terminal.lines).toEqual([
      `training ${'█'.repeat(6)}${'░'.repeat(18)} 25/100 steps · 2.5/s · 30 s left · loss 1.2`,
      '',
    ]);
  });

  test('on a terminal: at least four times a second, also while a step takes long', () => {
    vi.useFakeTimers();
    const terminal = createFakeTerminal(true);
    const progress = createProgress(terminal, { label: 'training', total: 100, unit: 'steps' });
    progress.update(1);
    vi.advanceTimersByTime(3000);
    expect(terminal.lines.length).toBeGreaterThanOrEqual(3 * 4);
    progress.finish();
    const shown = terminal.lines.length;
    vi.advanceTimersByTime(3000);
    vi.useRealTimers();
    expect(terminal.lines).toHaveLength(shown);
  });

  test('elsewhere: a plain line every ten seconds', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const terminal = createFakeTerminal(false);
    const progress = createProgress(terminal, { label: 'training', total: 100, unit: 'steps' });
    for (let step = 0; step <= 40; step++) {
      progress.update(step);
      vi.advanceTimersByTime(1000);
    }
    vi.useRealTimers();
    expect(terminal.lines).toHaveLength(4);
    expect(terminal.lines[0]).toBe('training 10/100 steps · 1.0/s · 1 min 30 s left');
  });
});

test.each([
  [0.4, '0 s'],
  [59, '59 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
])('formatDuration(%d) is %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('figures as people read them', () => {
  expect(formatPercent(0.9734)).toBe('97.3 %');
  expect(formatBytes(100)).toBe('100 B');
  expect(formatBytes(244_403_360)).toBe('233.1 MiB');
  expect(
    formatTable(
      ['name', 'n'],
      [
        ['a', 1],
        ['long', 1234],
      ],
    ),
  ).toEqual(['name      n', '────  ─────', 'a         1', 'long  1,234']);
});
