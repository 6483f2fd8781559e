import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AlexNetError, nameFile } from '@alexnet/core';
import { readFileBytes, writeFileAtomic } from '@alexnet/export/node';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../checkpoint/checkpoint.ts';
import { ignoreMissing } from './system-code.ts';

export const CHECKPOINT_FOLDER = 'checkpoints';
/** Each holds the name of a checkpoint. */
const POINTERS = ['best', 'last'] as const;
export type Pointer = (typeof POINTERS)[number];
const CHECKPOINT_PATTERN = /^step-(\d+)\.safetensors$/;
/** What a kill leaves of a checkpoint that was being written. */
const HALF_WRITTEN_PATTERN = /^step-\d+\.safetensors\.[0-9a-f-]+\.tmp$/;

/** Which checkpoints of a run stay, beside the best and the last. */
export interface Retention {
  /** How many of the newest ones. */
  readonly newest: number;
  /** Those whose step is a multiple of this; `null` for none. */
  readonly everySteps: number | null;
}

export const KEEP_LAST: Retention = { newest: 1, everySteps: null };

/** The checkpoints of a run's folder, and `best` and `last`, which name two of them. */
export class CheckpointFiles {
  readonly #run: string;
  readonly #retention: Retention;

  constructor(run: string, retention: Retention) {
    this.#run = run;
    this.#retention = retention;
  }

  async read(
    which: Pointer,
  ): Promise<{ readonly file: string; readonly checkpoint: Checkpoint } | null> {
    const name = await this.#readPointer(which);
    if (name === null) return null;
    const file = join(this.#run, CHECKPOINT_FOLDER, name);
    const names = await readdir(join(this.#run, CHECKPOINT_FOLDER)).catch(
      ignoreMissing<string[]>([]),
    );
    if (!names.includes(name)) {
      const others = names.filter((other) => CHECKPOINT_PATTERN.test(other)).sort();
      throw new AlexNetError('NOT_FOUND', {
        message: `${join(this.#run, which)} names ${name}, which is not in "${CHECKPOINT_FOLDER}".`,
        hint:
          others.length === 0
            ? 'No checkpoint of this run is left; restore one from a copy.'
            : `Restore it from a copy, or write the name of another one there: ${others.join(', ')}.`,
        path: [file],
      });
    }
    return { file, checkpoint: await readCheckpointFile(file) };
  }

  /** @returns its path from the run's folder */
  async save(checkpoint: Checkpoint, { best }: { readonly best: boolean }): Promise<string> {
    const name = `step-${checkpoint.progress.step}.safetensors`;
    await writeFileAtomic(join(this.#run, CHECKPOINT_FOLDER, name), encodeCheckpoint(checkpoint));
    await writeFileAtomic(join(this.#run, 'last'), `${name}\n`);
    if (best || (await this.#readPointer('best')) === null) {
      await writeFileAtomic(join(this.#run, 'best'), `${name}\n`);
    }
    await this.#removeOld();
    return join(CHECKPOINT_FOLDER, name);
  }

  async #readPointer(which: Pointer): Promise<string | null> {
    const file = join(this.#run, which);
    const text = await readFile(file, 'utf8').catch(ignoreMissing(null));
    if (text === null) return null;
    const name = text.trim();
    if (name !== basename(name) || !CHECKPOINT_PATTERN.test(name)) {
      throw new AlexNetError('INVALID_CHECKPOINT', {
        message: `${file} should hold the name of a checkpoint, but says "${name.slice(0, 60)}".`,
        hint: 'Write the name of a file in "checkpoints" into it, step-120.safetensors for example.',
      });
    }
    return name;
  }

  /** Leaves what is to stay, and what is not ours. */
  async #removeOld(): Promise<void> {
    const pointers = await Promise.all(POINTERS.map((pointer) => this.#readPointer(pointer)));
    const folder = join(this.#run, CHECKPOINT_FOLDER);
    const names = await readdir(folder);
    const checkpoints = names
      .flatMap((name) => {
        const step = CHECKPOINT_PATTERN.exec(name)?.[1];
        return step === undefined ? [] : [{ name, step: Number(step) }];
      })
      .sort((a, b) => b.step - a.step);
    const { newest, everySteps } = this.#retention;
    const old = checkpoints.filter(
      ({ name, step }, age) =>
        age >= newest &&
        !pointers.includes(name) &&
        !(everySteps !== null && step % everySteps === 0),
    );
    const half = names.filter((name) => HALF_WRITTEN_PATTERN.test(name));
    for (const name of [...old.map(({ name: ofOld }) => ofOld), ...half]) {
      await rm(join(folder, name));
    }
  }
}

/**
 * Reads a checkpoint.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT`, `NOT_FOUND`, `IO`, naming the file
 */
export async function readCheckpointFile(path: string): Promise<Checkpoint> {
  const bytes = await readFileBytes(path);
  try {
    return decodeCheckpoint(bytes);
  } catch (error) {
    throw nameFile(error, path);
  }
}
