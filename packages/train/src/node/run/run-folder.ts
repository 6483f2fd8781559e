import { access, constants, mkdir, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import { toFileError, writeFileAtomic } from '@alexnet/export/node';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { RunStore } from '../../checkpoint/run-store.ts';
import type { TrainingEvent } from '../../trainer/training-event.ts';
import {
  CHECKPOINT_FOLDER,
  CheckpointFiles,
  KEEP_LAST,
  type Pointer,
  type Retention,
} from './checkpoint-files.ts';
import { MetricsFile } from './metrics-file.ts';
import { lockRunFolder, type RunLock } from './run-lock.ts';
import { ignoreMissing } from './system-code.ts';

const CONFIG_FILE = 'config.json';
const METRICS_FILE = 'metrics.jsonl';
const HALF_WRITTEN_PATTERN = /^(best|last|config\.json|lock\.json|report\.html)\.[0-9a-f-]+\.tmp$/;

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
  /** The settings of the run, as written by {@link createRunFolder} or {@link writeConfig}. */
  readConfig(): Promise<unknown>;
  /** @param config - JSON-serialisable settings */
  writeConfig(config: unknown): Promise<void>;
  /** The checkpoint that `best` or `last` names; `null` if the run has none yet. */
  readCheckpoint(
    which: Pointer,
  ): Promise<{ readonly file: string; readonly checkpoint: Checkpoint } | null>;
  readLastCheckpoint(): Promise<Checkpoint | null>;
  /** Every line of the metrics up to a step; what comes behind it is cut off. */
  rewindMetrics(step: number): Promise<void>;
  readMetrics(): Promise<readonly TrainingEvent[]>;
  /** Writes a file of the caller's beside the run's own. */
  writeFile(name: string, text: string): Promise<void>;
  /**
   * Takes the folder for this process, before anything is written into it.
   *
   * @throws {@link AlexNetError} `LOCKED` if another one has it
   */
  lock(): Promise<RunLock>;
}

/** The folder of a run that has just been made. */
export interface NewRunFolder extends RunFolder {
  /** Removes all that was made, with the folders around it, if no step was recorded; what was there before stays. */
  discardUnused(): Promise<void>;
}

/**
 * Makes a folder for a new run.
 *
 * @param config - JSON-serialisable settings
 * @param retention - which checkpoints stay, beside the best and the last; those two unless given
 * @throws {@link AlexNetError} `ALREADY_EXISTS` if there is a run in it, `LOCKED` if another process makes one there
 *   at this moment, `IO`, `DISK_FULL`
 */
export async function createRunFolder(
  path: string,
  config: unknown,
  retention: Retention = KEEP_LAST,
): Promise<NewRunFolder> {
  const folder = resolve(path);
  await refuseRun(folder, path);
  const run = await makeRunFolder(folder, retention);
  try {
    const lock = await run.lock();
    try {
      // Another process may have begun one here since.
      await refuseRun(folder, path);
      await run.writeConfig(config);
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!belongsToOthers(error)) await run.discardUnused();
    throw error;
  }
  return run;
}

/** @throws {@link AlexNetError} `ALREADY_EXISTS` */
async function refuseRun(folder: string, path: string): Promise<void> {
  if (!(await exists(join(folder, CONFIG_FILE)))) return;
  throw new AlexNetError('ALREADY_EXISTS', {
    message: `There is a run in ${folder} already.`,
    hint: `Go on with it by --resume ${path}, or choose another folder with --out.`,
  });
}

function belongsToOthers(error: unknown): boolean {
  return isAlexNetError(error) && (error.code === 'ALREADY_EXISTS' || error.code === 'LOCKED');
}

async function makeRunFolder(folder: string, retention: Retention): Promise<NewFileRunFolder> {
  try {
    const namesBefore = await readdir(folder).catch(ignoreMissing([]));
    const firstMade = await mkdir(join(folder, CHECKPOINT_FOLDER), { recursive: true });
    return new NewFileRunFolder(folder, retention, { namesBefore, firstMade });
  } catch (cause) {
    const { code, message } = toFileError(await findReason(folder, cause), 'write', folder);
    throw new AlexNetError(code, {
      message: `The folder of the run cannot be made: ${message}`,
      hint: 'Choose a folder that you can write to with --out.',
      path: [folder],
      cause,
    });
  }
}

/**
 * Opens the folder of a run.
 *
 * @throws {@link AlexNetError} `NOT_FOUND` if there is no run in it
 */
export async function openRunFolder(
  path: string,
  retention: Retention = KEEP_LAST,
): Promise<RunFolder> {
  const folder = resolve(path);
  if (!(await exists(join(folder, CONFIG_FILE)))) {
    throw new AlexNetError('NOT_FOUND', {
      message: `${folder} is no run folder: it has no ${CONFIG_FILE}.`,
      hint: 'Run folders are made by "alexnet train"; they lie in runs/ unless --out says otherwise.',
    });
  }
  return new FileRunFolder(folder, retention);
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
  readonly #metrics: MetricsFile;
  readonly #checkpoints: CheckpointFiles;

  constructor(path: string, retention: Retention) {
    this.path = path;
    this.#metrics = new MetricsFile(join(path, METRICS_FILE));
    this.#checkpoints = new CheckpointFiles(path, retention);
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

  readCheckpoint(which: Pointer) {
    return this.#checkpoints.read(which);
  }

  async readLastCheckpoint(): Promise<Checkpoint | null> {
    return (await this.#checkpoints.read('last'))?.checkpoint ?? null;
  }

  saveCheckpoint(checkpoint: Checkpoint, options: { readonly best: boolean }): Promise<string> {
    return this.#checkpoints.save(checkpoint, options);
  }

  appendMetrics(event: TrainingEvent): Promise<void> {
    return this.#metrics.append(event);
  }

  rewindMetrics(step: number): Promise<void> {
    return this.#metrics.rewind(step);
  }

  readMetrics(): Promise<readonly TrainingEvent[]> {
    return this.#metrics.read();
  }

  async writeConfig(config: unknown): Promise<void> {
    await this.writeFile(CONFIG_FILE, `${JSON.stringify(config, null, 2)}\n`);
  }

  async writeFile(name: string, text: string): Promise<void> {
    await writeFileAtomic(join(this.path, name), text);
  }

  async lock(): Promise<RunLock> {
    const lock = await lockRunFolder(this.path);
    await removeHalfWritten(this.path);
    return lock;
  }
}

interface MadeFolder {
  /** What was in the folder of the run. */
  readonly namesBefore: readonly string[];
  /** The outermost folder that was not there. */
  readonly firstMade: string | undefined;
}

class NewFileRunFolder extends FileRunFolder implements NewRunFolder {
  readonly #made: MadeFolder;

  constructor(path: string, retention: Retention, made: MadeFolder) {
    super(path, retention);
    this.#made = made;
  }

  async discardUnused(): Promise<void> {
    const { namesBefore, firstMade } = this.#made;
    const names = await readdir(this.path);
    if (names.includes(METRICS_FILE)) return;
    for (const name of names.filter((each) => !namesBefore.includes(each))) {
      await rm(join(this.path, name), { recursive: true, force: true });
    }
    if (firstMade === undefined) return;
    for (let path = this.path; path.startsWith(firstMade); path = dirname(path)) {
      if ((await readdir(path)).length > 0) return;
      await rmdir(path);
    }
  }
}

/** What a kill left of files that were being written. Whoever has the lock writes none yet. */
async function removeHalfWritten(folder: string): Promise<void> {
  const names = await readdir(folder);
  const half = names.filter((name) => HALF_WRITTEN_PATTERN.test(name));
  for (const name of half) await rm(join(folder, name), { force: true });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing(null))) !== null;
}

/** Why a folder cannot be made. Of a read-only disk, Node says that the folder around it is not there. */
async function findReason(folder: string, cause: unknown): Promise<unknown> {
  let around = dirname(folder);
  while (!(await exists(around)) && around !== dirname(around)) around = dirname(around);
  return access(around, constants.W_OK).then(
    () => cause,
    (reason: unknown) => reason,
  );
}
