import { open, readFile, truncate } from 'node:fs/promises';
import { readJson } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import type { TrainingEvent } from '../../trainer/training-event.ts';
import { ignoreMissing } from './system-code.ts';

/** A run's events, a line of JSON each. */
export class MetricsFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {@link AlexNetError} `DISK_FULL`, `IO` */
  async append(event: TrainingEvent): Promise<void> {
    try {
      const file = await open(this.#path, 'a');
      try {
        await file.appendFile(`${JSON.stringify(shorten(event))}\n`);
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw toFileError(cause, 'write', this.#path);
    }
  }

  /** Cuts off what comes behind a step. */
  async rewind(step: number): Promise<void> {
    const lines = await this.#readLines();
    let keptBytes = 0;
    for (const { text, bytes } of lines) {
      const event = parseEvent(text);
      if (!event || event.step > step) break;
      keptBytes += bytes;
    }
    if (lines.length > 0) await truncate(this.#path, keptBytes);
  }

  async read(): Promise<readonly TrainingEvent[]> {
    const lines = await this.#readLines();
    return lines.flatMap(({ text }) => parseEvent(text)?.event ?? []);
  }

  async #readLines(): Promise<readonly { text: string; bytes: number }[]> {
    const content = await readFile(this.#path, 'utf8').catch(ignoreMissing(''));
    // A line without its end was cut off by a kill, and is none.
    return content
      .split('\n')
      .slice(0, -1)
      .map((text) => ({ text, bytes: Buffer.byteLength(text) + 1 }));
  }
}

/** Without the confusion matrix, which of a thousand classes would have a million numbers an epoch. */
function shorten(event: TrainingEvent): unknown {
  if (event.event !== 'validation') return event;
  const { confusion: _confusion, ...evaluation } = event.evaluation;
  return { ...event, evaluation };
}

function parseEvent(line: string): { readonly event: TrainingEvent; readonly step: number } | null {
  try {
    const value: unknown = JSON.parse(line);
    const json = readJson(value, { code: 'INVALID_CHECKPOINT', what: 'metrics.jsonl' });
    json.field('event').string();
    return { event: value as TrainingEvent, step: json.field('step').integer() };
  } catch {
    // Not a line of ours: metrics are for reading, never a reason to stop.
    return null;
  }
}
