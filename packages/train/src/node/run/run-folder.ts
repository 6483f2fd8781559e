import { mkdir, open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AlexNetError, nameFile, readJson } from '@alexnet/core';
import { readFileBytes, writeFileAtomic } from '@alexnet/export/node';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../checkpoint/checkpoint.ts';
import type { RunStore } from '../../checkpoint/run-store.ts';
import type { TrainingEvent } from '../../trainer/training-event.ts';

const CONFIG_FILE = 'config.json';
const METRICS_FILE = 'metrics.jsonl';
const CHECKPOINT_FOLDER = 'checkpoints';
/** Each holds the name of a checkpoint. */
const POINTERS = ['best', 'last'] as const;
type Pointer = (typeof POINTERS)[number];
const CHECKPOINT_PATTERN = /^step-\d+\.safetensors$/;
/** What a kill leaves of a checkpoint that was being written. */
const HALF_WRITTEN_PATTERN = /^step-\d+\.safetensors\.[0-9a-f-]+\.tmp$/;

/**
 * The folder of one training: `config.json`, `metrics.jsonl`, `checkpoints/step-N.safetensors`, and in
 * `best` and `last` the names of two of them.
 *
 * Every file but the metrics is written under another name and renamed when it is whole: a reader never
 * sees half of one, and the last good checkpoint outlives a disk that fills up.
 */
export interface RunFolder extends RunStore {
  /** Absolute path. */
  readonly path: string;
  /** The settings that the run was started with, as written by {@link createRunFolder}. */
  readConfig(): Promise<unknown>;
  /** The checkpoint that `best` or `last` names; `null` if the run has none yet. */
  readCheckpoint(
    which: Pointer,
  ): Promise<{ readonly file: string; readonly checkpoint: Checkpoint } | null>;
  /** Every line of the metrics up to a step; what comes behind it is cut off. */
  rewindMetrics(step: number): Promise<void>;
  readMetrics(): Promise<readonly TrainingEvent[]>;
  /** Writes a file of the caller's beside the run's own. */
  writeFile(name: string, text: string): Promise<void>;
}

/**
 * Makes a folder for a new run.
 *
 * @param config - JSON-serialisable settings
 * @throws {@link AlexNetError} `ALREADY_EXISTS` if there is a run in it, `IO`, `DISK_FULL`
 */
export async function createRunFolder(path: string, config: unknown): Promise<RunFolder> {
  const folder = resolve(path);
  if (await exists(join(folder, CONFIG_FILE))) {
    throw new AlexNetError('ALREADY_EXISTS', {
      message: `There is a run in ${folder} already.`,
      hint: `Go on with it by --resume ${path}, or choose another folder with --out.`,
    });
  }
  try {
    await mkdir(join(folder, CHECKPOINT_FOLDER), { recursive: true });
  } catch (cause) {
    throw new AlexNetError('IO', {
      message: `The folder ${folder} cannot be made.`,
      hint: 'Choose a folder that you can write to with --out.',
      cause,
    });
  }
  await writeFileAtomic(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  return new FileRunFolder(folder);
}

/**
 * Opens the folder of a run.
 *
 * @throws {@link AlexNetError} `NOT_FOUND` if there is no run in it
 */
export async function openRunFolder(path: string): Promise<RunFolder> {
  const folder = resolve(path);
  if (!(await exists(join(folder, CONFIG_FILE)))) {
    throw new AlexNetError('NOT_FOUND', {
      message: `${folder} is no run folder: it has no ${CONFIG_FILE}.`,
      hint: 'Run folders are made by "alexnet train"; they lie in runs/ unless --out says otherwise.',
    });
  }
  return new FileRunFolder(folder);
}

/** Whether a path is the folder of a run. */
export async function isRunFolder(path: string): Promise<boolean> {
  return exists(join(path, CONFIG_FILE));
}

/**
 * The run in a folder of runs that was started last and has a checkpoint; `null` if there is none.
 */
export async function findNewestRun(runsFolder: string): Promise<string | null> {
  const names = await readdir(runsFolder).catch(ignoreMissing([]));
  const candidates = await Promise.all(
    names.map(async (name) => {
      const path = join(runsFolder, name);
      const pointer = await stat(join(path, 'best')).catch(ignoreMissing(null));
      return pointer ? { path, changedMs: pointer.mtimeMs } : null;
    }),
  );
  const runs = candidates.flatMap((run) => run ?? []);
  runs.sort((a, b) => b.changedMs - a.changedMs || (a.path < b.path ? 1 : -1));
  return runs[0]?.path ?? null;
}

class FileRunFolder implements RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async readConfig(): Promise<unknown> {
    const file = join(this.path, CONFIG_FILE);
    try {
      return JSON.parse(await readFile(file, 'utf8'));
    } catch (cause) {
      throw new AlexNetError('INVALID_CHECKPOINT', {
        message: `${file} cannot be read as JSON.`,
        hint: 'It is written once, when a run starts; restore it from a copy.',
        cause,
      });
    }
  }

  async readCheckpoint(which: Pointer) {
    const name = await this.#readPointer(which);
    if (name === null) return null;
    const file = join(this.path, CHECKPOINT_FOLDER, name);
    return { file, checkpoint: await readCheckpointFile(file) };
  }

  async saveCheckpoint(
    checkpoint: Checkpoint,
    { best }: { readonly best: boolean },
  ): Promise<string> {
    const name = `step-${checkpoint.progress.step}.safetensors`;
    await writeFileAtomic(join(this.path, CHECKPOINT_FOLDER, name), encodeCheckpoint(checkpoint));
    await writeFileAtomic(join(this.path, 'last'), `${name}\n`);
    if (best || (await this.#readPointer('best')) === null) {
      await writeFileAtomic(join(this.path, 'best'), `${name}\n`);
    }
    await this.#removeOldCheckpoints();
    return join(CHECKPOINT_FOLDER, name);
  }

  async appendMetrics(event: TrainingEvent): Promise<void> {
    const file = await open(join(this.path, METRICS_FILE), 'a');
    try {
      await file.appendFile(`${JSON.stringify(event)}\n`);
    } finally {
      await file.close();
    }
  }

  async rewindMetrics(step: number): Promise<void> {
    const file = join(this.path, METRICS_FILE);
    const lines = await readLines(file);
    let keptBytes = 0;
    for (const { text, bytes } of lines) {
      const event = parseEvent(text);
      if (!event || event.step > step) break;
      keptBytes += bytes;
    }
    if (lines.length > 0) await truncate(file, keptBytes);
  }

  async readMetrics(): Promise<readonly TrainingEvent[]> {
    const lines = await readLines(join(this.path, METRICS_FILE));
    return lines.flatMap(({ text }) => parseEvent(text)?.event ?? []);
  }

  async writeFile(name: string, text: string): Promise<void> {
    await writeFileAtomic(join(this.path, name), text);
  }

  async #readPointer(which: Pointer): Promise<string | null> {
    const text = await readFile(join(this.path, which), 'utf8').catch(ignoreMissing(null));
    if (text === null) return null;
    const name = text.trim();
    if (name !== basename(name) || !CHECKPOINT_PATTERN.test(name)) {
      throw new AlexNetError('INVALID_CHECKPOINT', {
        message: `${join(this.path, which)} should hold the name of a checkpoint, but says "${name.slice(0, 60)}".`,
        hint: 'Write the name of a file in "checkpoints" into it, step-120.safetensors for example.',
      });
    }
    return name;
  }

  /** Leaves the best, the last, and what is not ours. */
  async #removeOldCheckpoints(): Promise<void> {
    const kept = await Promise.all(POINTERS.map((pointer) => this.#readPointer(pointer)));
    const folder = join(this.path, CHECKPOINT_FOLDER);
    for (const name of await readdir(folder)) {
      const isOld = CHECKPOINT_PATTERN.test(name) && !kept.includes(name);
      if (isOld || HALF_WRITTEN_PATTERN.test(name)) await rm(join(folder, name));
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

async function readLines(file: string): Promise<readonly { text: string; bytes: number }[]> {
  const content = await readFile(file, 'utf8').catch(ignoreMissing(''));
  // A line without its end was cut off by a kill, and is none.
  return content
    .split('\n')
    .slice(0, -1)
    .map((text) => ({ text, bytes: Buffer.byteLength(text) + 1 }));
}

function parseEvent(line: string): { readonly event: TrainingEvent; readonly step: number } | null {
  try {
    const value: unknown = JSON.parse(line);
    const json = readJson(value, { code: 'INVALID_CHECKPOINT', what: METRICS_FILE });
    json.field('event').string();
    return { event: value as TrainingEvent, step: json.field('step').integer() };
  } catch {
    // Not a line of ours: metrics are for reading, never a reason to stop.
    return null;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing(null))) !== null;
}

/** Turns "there is no such file" into a value; other errors stay. */
function ignoreMissing<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
    throw error;
  };
}
