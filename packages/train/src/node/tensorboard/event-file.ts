import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { toFileError } from '@alexnet/export/node';
import { type EventContent, encodeEvent } from '../../tensorboard/event.ts';
import { encodeRecord } from '../../tensorboard/record.ts';

/** A file that TensorBoard reads while it grows. */
export class EventFile {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws {@link AlexNetError} `DISK_FULL`, `IO` */
  static async create(folder: string): Promise<EventFile> {
    const seconds = Math.floor(Date.now() / 1000);
    // TensorBoard reads a folder's files in the order of their names.
    const path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.0`);
    try {
      await mkdir(folder, { recursive: true });
      const created = new EventFile(path, await open(path, 'a'));
      await created.add({ kind: 'version' }, 0);
      return created;
    } catch (cause) {
      throw toFileError(cause, 'write', path);
    }
  }

  /** @throws {@link AlexNetError} `DISK_FULL`, `IO` */
  async add(content: EventContent, step: number): Promise<void> {
    const event = encodeEvent(content, { wallTime: Date.now() / 1000, step });
    try {
      await this.#file.appendFile(encodeRecord(event));
    } catch (cause) {
      throw toFileError(cause, 'write', this.#path);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
