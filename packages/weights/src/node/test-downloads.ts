import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlexNetError } from '@alexnet/core';
import type { PublishedWeights } from '../published-weights.ts';
import { type FetchedWeights, type FetchWeightsOptions, fetchWeights } from './download.ts';
import { type Answerer, type Cut, makeBytes, serve, type TestServer } from './test-server.ts';

/** What the tests of downloads fetch, and what is as long and something else. */
export const BYTES: Uint8Array = makeBytes(200_000);
export const OTHERS: Uint8Array = makeBytes(200_000, 7);

export interface Downloads {
  start(answer: Answerer): Promise<TestServer>;
  fetchIt(weights: PublishedWeights, options?: FetchWeightsOptions): Promise<FetchedWeights>;
  /** Path in the cache. */
  file(): string;
  /** A connection that breaks once so many bytes of an answer have arrived. */
  cutAfter(after: number): Cut;
  folder(): string;
  /** That the cache holds the published file and nothing beside it. */
  expectFetched(): Promise<void>;
  expectNothing(): Promise<void>;
}

/** Of the test runner, which files that are not tests may not name. */
export interface Hooks {
  beforeEach(action: () => Promise<void>): void;
  afterEach(action: () => Promise<void>): void;
}

/** A cache and servers for each test of a file. */
export function prepareDownloads({ beforeEach, afterEach }: Hooks): Downloads {
  let cache = '';
  const servers: TestServer[] = [];
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'weights-'));
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await rm(cache, { recursive: true });
  });
  const folder = () => join(cache, 'weights');
  const file = () => join(folder(), 'test.npz');
  return {
    start: async (answer) => {
      const server = await serve(answer);
      servers.push(server);
      return server;
    },
    fetchIt: (weights, options = {}) => {
      const environment = { ALEXNET_CACHE: cache, ...options.environment };
      return fetchWeights(weights, { pauseMs: 1, ...options, environment });
    },
    file,
    cutAfter: (after) => ({ after, seenIn: `${file()}.part` }),
    folder,
    expectFetched: async () => {
      assert.equal(Buffer.compare(await readFile(file()), BYTES), 0);
      assert.deepEqual(await readdir(folder()), ['test.npz']);
    },
    expectNothing: async () => assert.deepEqual(await readdir(folder()), []),
  };
}

/** The code, message and hint of what a promise is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (isAlexNetError(error)) return `${error.code}: ${error.message} → ${error.hint}`;
    throw error;
  }
  throw new Error('was not refused');
}

/** What of a file a server was asked for. */
export function rangesOf({ seen }: TestServer): readonly string[] {
  return seen.map(({ headers }) => headers.range ?? 'all');
}
