import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Checksum, PublishedWeights } from '../published-weights.ts';

type Algorithm = Checksum['algorithm'];

const READ_AT_ONCE = 1 << 20;

/** The checksums of some bytes, by algorithm. */
export type Digests = ReadonlyMap<Algorithm, string>;

/** Computes several checksums of the same bytes as they come. */
export class RunningDigests {
  readonly #algorithms: readonly Algorithm[];
  #hashes: ReadonlyMap<Algorithm, Hash>;

  constructor(algorithms: readonly Algorithm[]) {
    this.#algorithms = algorithms;
    this.#hashes = makeHashes(algorithms);
  }

  update(bytes: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(bytes);
  }

  /** Forgets all bytes. */
  reset(): void {
    this.#hashes = makeHashes(this.#algorithms);
  }

  /** Of the bytes so far; more may follow. */
  digests(): Digests {
    return new Map([...this.#hashes].map(([name, hash]) => [name, hash.copy().digest('hex')]));
  }
}

function makeHashes(algorithms: readonly Algorithm[]): ReadonlyMap<Algorithm, Hash> {
  return new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm)]));
}

/** @throws what reading throws */
export async function digestFile(path: string, into: RunningDigests): Promise<void> {
  const stream: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: READ_AT_ONCE });
  for await (const chunk of stream) into.update(chunk);
}

/**
 * What speaks against bytes being the published file.
 *
 * @returns null if nothing does
 */
export function explainMismatch(
  { checksums }: Pick<PublishedWeights, 'checksums'>,
  digests: Digests,
): string | null {
  const wrong = checksums.find(
    ({ algorithm, value }) => digests.get(algorithm)?.startsWith(value) !== true,
  );
  if (!wrong) return null;
  const { algorithm, value } = wrong;
  return `its ${algorithm} is ${digests.get(algorithm)}, ${value} is published`;
}
