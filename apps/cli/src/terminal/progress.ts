import type { Terminal } from './terminal.ts';

/** Time between two lines where a bar cannot be shown, and between two bars where it can. */
const PLAIN_INTERVAL_MS = 10_000;
const BAR_INTERVAL_MS = 100;
/** A bar moves at least this often, also while nothing is done. */
const TICK_MS = 200;
const BAR_WIDTH = 24;

export interface Progress {
  /** @param detail - shown behind the bar */
  update(done: number, detail?: string): void;
  /** Takes the bar away. */
  finish(): void;
}

/**
 * Shows how far something is, how fast it goes and how long it will take: a bar on a terminal, a plain
 * line now and then elsewhere.
 *
 * @param unit - what is counted: `pictures`
 */
export function createProgress(
  terminal: Terminal,
  { label, total, unit }: { readonly label: string; readonly total: number; readonly unit: string },
): Progress {
  const startedMs = performance.now();
  let shownMs = startedMs;
  let firstDone: number | undefined;
  let now = { done: 0, detail: '' };
  const show = () => {
    const nowMs = performance.now();
    shownMs = nowMs;
    const seconds = (nowMs - startedMs) / 1000;
    const { done, detail } = now;
    const rate = (done - (firstDone ?? done)) / Math.max(seconds, 1e-3);
    const left = rate > 0 ? formatDuration((total - done) / rate) : '?';
    const figures = `${done}/${total} ${unit} · ${formatRate(rate)}/s · ${left} left${detail ? ` · ${detail}` : ''}`;
    if (terminal.isInteractive) terminal.status(`${label} ${drawBar(done / total)} ${figures}`);
    else if (done < total) terminal.note(`${label} ${figures}`);
  };
  // However long a step takes, the time goes on.
  const ticking = terminal.isInteractive ? setInterval(show, TICK_MS) : undefined;
  ticking?.unref();
  return {
    update: (done, detail = '') => {
      firstDone ??= done;
      now = { done, detail };
      const interval = terminal.isInteractive ? BAR_INTERVAL_MS : PLAIN_INTERVAL_MS;
      if (performance.now() - shownMs >= interval || done >= total) show();
    },
    finish: () => {
      clearInterval(ticking);
      terminal.status('');
    },
  };
}

function drawBar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(2);
}

/** `42 s`, `3 min 20 s`, `2 h 5 min` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
