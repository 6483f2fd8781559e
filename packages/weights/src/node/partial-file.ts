import { constants, type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { writeFileAtomic } from '@alexnet/export/node';
import { type Digests, digestFile, type RunningDigests } from './checksum.ts';

/** What an If-Range header may hold: a strong ETag, or a date. */
const VALIDATOR = /^[\x20-\x7e]{1,512}$/;

/**
 * A file that is being fetched, beside its final name: what came so far, its checksums, and how its server recognises
 * that it still has the same file. A process may be killed at any byte; the next one goes on from there.
 */
export class PartialFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #digests: RunningDigests;
  #sizeBytes = 0;
  #validator: string | null = null;

  private constructor(path: string, handle: FileHandle, digests: RunningDigests) {
    this.#path = path;
    this.#handle = handle;
    this.#digests = digests;
  }

  /**
   * Opens what an earlier process left, or nothing yet.
   *
   * @param target - the final name
   * @throws what the system says
   */
  static async open(target: string, digests: RunningDigests): Promise<PartialFile> {
    const path = `${target}.part`;
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT);
    const file = new PartialFile(path, handle, digests);
    try {
      await file.#readOn();
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  async #readOn(): Promise<void> {
    this.#sizeBytes = (await this.#handle.stat()).size;
    this.#validator = await readValidator(this.#validatorPath);
    if (this.#sizeBytes === 0) return;
    if (this.#validator === null) await this.restart(null);
    else await digestFile(this.#path, this.#digests);
  }

  get #validatorPath(): string {
    return `${this.#path}.validator`;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** What goes into If-Range; null if the server gave nothing to recognise the file by. */
  get validator(): string | null {
    return this.#validator;
  }

  digests(): Digests {
    return this.#digests.digests();
  }

  /** Drops all bytes: another file begins. */
  async restart(validator: string | null): Promise<void> {
    await this.#handle.truncate(0);
    this.#sizeBytes = 0;
    this.#digests.reset();
    this.#validator = validator !== null && VALIDATOR.test(validator) ? validator : null;
    if (this.#validator === null) await rm(this.#validatorPath, { force: true });
    else await writeFileAtomic(this.#validatorPath, this.#validator);
  }

  async append(bytes: Uint8Array): Promise<void> {
    // A write call of the system may take less than it is given.
    for (let offset = 0; offset < bytes.length; ) {
      const length = bytes.length - offset;
      const { bytesWritten } = await this.#handle.write(bytes, offset, length, this.#sizeBytes);
      this.#digests.update(bytes.subarray(offset, offset + bytesWritten));
      this.#sizeBytes += bytesWritten;
      offset += bytesWritten;
    }
  }

  /** Gives the file its final name, flushed to the disk. It is closed then. */
  async complete(target: string): Promise<void> {
    await this.#handle.sync();
    await this.close();
    await rename(this.#path, target);
    await rm(this.#validatorPath, { force: true });
  }

  /** Removes it. It is closed then. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    await rm(this.#validatorPath, { force: true });
  }

  /** Leaves it as it is, for another time. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function readValidator(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8');
    return VALIDATOR.test(text) ? text : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
