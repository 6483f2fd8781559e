import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import { writeFileAtomic } from '@alexnet/export/node';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { isWholeCheckpoint, readCheckpointFile, writeCheckpointFile } from './checkpoint-file.ts';
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
  readonly #folder: string;
  readonly #retention: Retention;

  constructor(run: string, retention: Retention) {
    this.#run = run;
    this.#folder = join(run, CHECKPOINT_FOLDER);
    this.#retention = retention;
  }

  /** @throws {@link AlexNetError} `INVALID_CHECKPOINT`, `NOT_FOUND`, naming those that are whole */
  async read(
    which: Pointer,
  ): Promise<{ readonly file: string; readonly checkpoint: Checkpoint } | null> {
    const name = await this.#readPointer(which);
    if (name === null) return null;
    const file = join(this.#folder, name);
    try {
      return { file, checkpoint: await readCheckpointFile(file) };
    } catch (error) {
      throw await this.#nameWayOn(error, which, name);
    }
  }

  /** @returns its path from the run's folder */
  async save(checkpoint: Checkpoint, { best }: { readonly best: boolean }): Promise<string> {
    const { step } = checkpoint.progress;
    const name = `step-${step}.safetensors`;
    await writeCheckpointFile(join(this.#folder, name), checkpoint);
    await writeFileAtomic(join(this.#run, 'last'), `${name}\n`);
    if (best || (await this.#readPointer('best')) === null) {
      await writeFileAtomic(join(this.#run, 'best'), `${name}\n`);
    }
    await this.#removeOld(step);
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

  /** The error of a checkpoint that is damaged or gone, with those that can take its place. */
  async #nameWayOn(error: unknown, which: Pointer, name: string): Promise<unknown> {
    if (!isAlexNetError(error)) return error;
    const { code, path } = error;
    if (code !== 'INVALID_CHECKPOINT' && code !== 'NOT_FOUND') return error;
    const pointer = join(this.#run, which);
    const others: string[] = [];
    for (const { name: other } of await this.#list()) {
      if (other === name || !(await isWholeCheckpoint(join(this.#folder, other)))) continue;
      const roles = await this.#rolesOf(other);
      others.push(roles === '' ? other : `${other} (${roles})`);
    }
    return new AlexNetError(code, {
      message:
        code === 'NOT_FOUND'
          ? `${pointer} names ${name}, which is not in "${CHECKPOINT_FOLDER}".`
          : error.message,
      hint:
        others.length === 0
          ? 'No checkpoint of this run is left that can be read; restore one from a copy.'
          : `Restore it from a copy, or go on from one that is whole by writing its name into ${pointer}: ${others.join(', ')}.`,
      path,
      cause: error,
    });
  }

  async #rolesOf(name: string): Promise<string> {
    const named = await Promise.all(
      POINTERS.map(async (pointer) => ((await this.#readPointer(pointer)) === name ? pointer : [])),
    );
    return named.flat().join(', ');
  }

  /** The newest first. */
  async #list(): Promise<readonly { readonly name: string; readonly step: number }[]> {
    const names = await readdir(this.#folder).catch(ignoreMissing([]));
    return names
      .flatMap((name) => {
        const step = CHECKPOINT_PATTERN.exec(name)?.[1];
        return step === undefined ? [] : [{ name, step: Number(step) }];
      })
      .sort((a, b) => b.step - a.step);
  }

  /**
   * Leaves what is to stay, and what is not ours.
   *
   * @param step - of the last checkpoint. Later ones are of a training that this one went back behind, from a damaged
   *   one perhaps: they stay until it comes there, and no other one goes for them.
   */
  async #removeOld(step: number): Promise<void> {
    const pointers = await Promise.all(POINTERS.map((pointer) => this.#readPointer(pointer)));
    const { newest, everySteps } = this.#retention;
    const past = (await this.#list()).filter((each) => each.step <= step);
    const old = past.filter(
      (each, age) =>
        age >= newest &&
        !pointers.includes(each.name) &&
        !(everySteps !== null && each.step % everySteps === 0),
    );
    const names = await readdir(this.#folder);
    const half = names.filter((name) => HALF_WRITTEN_PATTERN.test(name));
    for (const name of [...old.map(({ name: ofOld }) => ofOld), ...half]) {
      await rm(join(this.#folder, name));
    }
  }
}
