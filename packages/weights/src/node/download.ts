import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AlexNetError, isAlexNetError } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import type { PublishedWeights } from '../published-weights.ts';
import { digestFile, explainMismatch, RunningDigests } from './checksum.ts';
import { withFileLock } from './file-lock.ts';
import { type HttpClient, hidePassword, openHttpClient } from './http-client.ts';
import { PartialFile } from './partial-file.ts';
import { type TransferOutcome, transfer } from './transfer.ts';
import { type Environment, weightsFolder } from './weights-folder.ts';

/** Attempts in a row that brought nothing new, and attempts in all, before an address is given up. */
const MAX_IDLE_ATTEMPTS = 3;
const MAX_ATTEMPTS = 100;
const FIRST_PAUSE_MS = 500;
const SILENCE_MS = 60_000;

export interface FetchWeightsOptions {
  /** Variables that are read: ALEXNET_CACHE, ALEXNET_WEIGHTS_MIRROR, those of proxies. Default: the process'. */
  readonly environment?: Environment;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** What people should hear meanwhile: that another process fetches the file, that a connection broke. */
  readonly onNote?: (text: string) => void;
  /** Longest silence of a server, in milliseconds. Default: a minute. */
  readonly silenceMs?: number;
  /** Pause before the second attempt, in milliseconds; it doubles from one to the next. */
  readonly pauseMs?: number;
}

export interface FetchProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface FetchedWeights {
  /** Path of the file. */
  readonly file: string;
  /** Whether it was there already. */
  readonly wasCached: boolean;
}

/**
 * Fetches published weights into the cache, unless they are there. A download that was cut goes on where it ended, in
 * this process or in a later one; the file has its name only once its size and its checksums are the published ones.
 * They are checked at each call: a file that was changed, or that was put there by hand, counts only if it is right.
 *
 * @throws {@link AlexNetError} `IO` if no address gives it, with where to fetch it and where to put it; `INVALID_MODEL`
 *   if what came is another file; `INVALID_ARGUMENT` for a mirror or a proxy that is no address; `DISK_FULL`;
 *   `ABORTED`
 */
export async function fetchWeights(
  weights: PublishedWeights,
  options: FetchWeightsOptions = {},
): Promise<FetchedWeights> {
  const { environment = process.env, signal, onNote } = options;
  const folder = weightsFolder(environment);
  const file = join(folder, weights.fileName);
  try {
    if ((await examine(file, weights)) === null) return { file, wasCached: true };
    const addresses = findAddresses(weights, environment);
    await mkdir(folder, { recursive: true });
    return await withFileLock(
      `${file}.lock`,
      () => fetchUnlessThere(weights, { ...options, environment, addresses, file }),
      { signal, onWait: () => onNote?.(`Another process fetches ${weights.fileName}; waiting.`) },
    );
  } catch (cause) {
    if (signal?.aborted && !isAlexNetError(cause)) {
      throw new AlexNetError('ABORTED', {
        message: `${weights.fileName} was not fetched to its end.`,
        hint: 'What came is kept: the next attempt goes on from there.',
        cause,
      });
    }
    const isOfSystem = cause instanceof Error && 'syscall' in cause;
    throw isOfSystem ? toFileError(cause, 'write', file) : cause;
  }
}

/** The addresses of the publisher, or of the mirror in their place. @throws `INVALID_ARGUMENT` */
function findAddresses(weights: PublishedWeights, environment: Environment): readonly string[] {
  const mirror = environment.ALEXNET_WEIGHTS_MIRROR?.trim();
  if (!mirror) return weights.addresses.map(({ value }) => value);
  if (!/^https?:\/\//i.test(mirror) || !URL.canParse(mirror)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `ALEXNET_WEIGHTS_MIRROR is no address of a web server: "${hidePassword(mirror)}".`,
      hint: 'It is a folder of a web server that has the files by their names: https://mirror.example/alexnet',
    });
  }
  const folder = new URL(mirror);
  folder.pathname = `${folder.pathname.replace(/\/+$/, '')}/${encodeURIComponent(weights.fileName)}`;
  return [folder.href];
}

interface FetchContext extends FetchWeightsOptions {
  readonly environment: Environment;
  readonly addresses: readonly string[];
  /** Path of the final file. */
  readonly file: string;
}

async function fetchUnlessThere(
  weights: PublishedWeights,
  context: FetchContext,
): Promise<FetchedWeights> {
  const { file, environment, addresses, silenceMs = SILENCE_MS } = context;
  const objection = await examine(file, weights);
  if (objection === null) return { file, wasCached: true };
  const reasons = objection === MISSING ? [] : [`${file} is there, but ${objection}`];
  const client = await openHttpClient({ environment, silenceMs });
  let isOtherFile = false;
  try {
    for (const address of addresses) {
      const outcome = await fetchFrom(address, weights, { ...context, client });
      if (outcome.kind === 'whole') return { file, wasCached: false };
      reasons.push(`${hidePassword(address)}: ${outcome.reason}`);
      isOtherFile ||= outcome.kind === 'wrong';
    }
  } finally {
    await client.close();
  }
  throw new AlexNetError(isOtherFile ? 'INVALID_MODEL' : 'IO', {
    message: [`${weights.fileName} could not be fetched.`, ...reasons].join('\n  '),
    hint: adviseByHand(weights, file),
    path: [file],
  });
}

/** All attempts at one address. */
async function fetchFrom(
  address: string,
  weights: PublishedWeights,
  context: FetchContext & { readonly client: HttpClient },
): Promise<FetchOutcome> {
  const algorithms = weights.checksums.map(({ algorithm }) => algorithm);
  const part = await PartialFile.open(context.file, new RunningDigests(algorithms));
  try {
    return await fetchInAttempts(part, address, { ...context, weights });
  } finally {
    await (part.sizeBytes === 0 ? part.discard() : part.close());
  }
}

type FetchOutcome = TransferOutcome | { readonly kind: 'wrong'; readonly reason: string };

async function fetchInAttempts(
  part: PartialFile,
  address: string,
  {
    weights,
    file,
    client,
    signal,
    onProgress,
    onNote,
    pauseMs = FIRST_PAUSE_MS,
  }: FetchContext & { readonly client: HttpClient; readonly weights: PublishedWeights },
): Promise<FetchOutcome> {
  const totalBytes = weights.sizeBytes.value;
  const onBytes = (receivedBytes: number) => onProgress?.({ receivedBytes, totalBytes });
  // Bytes of several answers may be those of several files; of one answer, they are the server's.
  let isMixed = part.sizeBytes > 0;
  let mayStartOver = true;
  let idle = 0;
  for (let attempt = 1; ; attempt++) {
    const before = part.sizeBytes;
    const outcome = await transfer(part, {
      client,
      address,
      expectedBytes: totalBytes,
      signal,
      onBytes,
    });
    if (outcome.kind === 'refused') return outcome;
    if (outcome.kind === 'whole') {
      const mismatch = explainMismatch(weights, part.digests());
      if (mismatch === null) {
        await part.complete(file);
        return outcome;
      }
      await part.restart(null);
      if (!isMixed || !mayStartOver) return { kind: 'wrong', reason: mismatch };
      mayStartOver = false;
      isMixed = false;
      onNote?.(`What had been fetched of ${weights.fileName} does not fit; starting over.`);
      continue;
    }
    idle = part.sizeBytes > before ? 0 : idle + 1;
    if (idle >= MAX_IDLE_ATTEMPTS || attempt >= MAX_ATTEMPTS) return outcome;
    isMixed ||= part.sizeBytes > 0;
    onNote?.(`${outcome.reason}; going on at ${part.sizeBytes} of ${totalBytes} bytes.`);
    await sleep(pauseMs * 2 ** idle, undefined, signal ? { signal } : {});
  }
}

const MISSING = 'it is missing';

/**
 * What speaks against a file being the published one, by its size first.
 *
 * @returns null if nothing does
 */
async function examine(file: string, weights: PublishedWeights): Promise<string | null> {
  const stats = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (stats === null) return MISSING;
  if (!stats.isFile()) return 'is not a file';
  const { value: sizeBytes } = weights.sizeBytes;
  if (stats.size !== sizeBytes) return `has ${stats.size} bytes, ${sizeBytes} are published`;
  const digests = new RunningDigests(weights.checksums.map(({ algorithm }) => algorithm));
  await digestFile(file, digests);
  return explainMismatch(weights, digests.digests());
}

function adviseByHand({ addresses, checksums, sizeBytes }: PublishedWeights, file: string): string {
  const [checksum] = checksums.toSorted((a, b) => b.value.length - a.value.length);
  const known = checksum ? `, ${checksum.algorithm} ${checksum.value}` : '';
  const links = addresses.map(({ value }) => value).join(' or ');
  return [
    `Without the internet: fetch ${links} elsewhere (${sizeBytes.value} bytes${known}) and put it at ${file}.`,
    'A proxy is named in HTTPS_PROXY, a mirror in ALEXNET_WEIGHTS_MIRROR.',
  ].join(' ');
}
