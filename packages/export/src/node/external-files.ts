import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { type ExternalFileUse, surveyExternalFiles } from '../external/external-files.ts';
import type { ExternalFiles } from '../import/initializer.ts';
import { MAX_MODEL_BYTES } from '../proto/codec.ts';
import { withFile } from './read-file-bytes.ts';

/**
 * Reads the files beside a model that it keeps weights in: files of the same folder, no links, with the checksum that
 * the model gives.
 *
 * @param path - of the model
 * @throws AlexNetError as `readFileBytes` and `listExternalFiles`; `INVALID_MODEL` for another checksum
 */
export async function readExternalFiles(path: string, bytes: Uint8Array): Promise<ExternalFiles> {
  const uses = surveyExternalFiles(bytes);
  const pathOf = (name: string) => join(dirname(path), name);
  const sizes: number[] = [];
  let limitBytes = MAX_MODEL_BYTES;
  for (const { name } of uses) {
    const options = { limitBytes, refusesLinks: true };
    const size = await withFile(pathOf(name), options, async ({ byteLength }) => byteLength);
    limitBytes -= size;
    sizes.push(size);
  }
  // In one array: parts of a weight that follow each other in files are one view of it.
  const places = sizes.map((size) => Math.ceil(size / ALIGNMENT) * ALIGNMENT);
  const all = new Uint8Array(places.reduce((sum, size) => sum + size, 0));
  const files = new Map<string, Uint8Array>();
  let offset = 0;
  for (const [index, use] of uses.entries()) {
    const content = all.subarray(offset, offset + (sizes[index] ?? 0));
    const options = { limitBytes: MAX_MODEL_BYTES, refusesLinks: true };
    await withFile(pathOf(use.name), options, (file) => file.readInto(content));
    checkSum(use, content);
    files.set(use.name, content);
    offset += places[index] ?? 0;
  }
  return files;
}

/** Of floats, in bytes. */
const ALIGNMENT = 4;

/**
 * The folder of the files beside a model that it keeps weights in, for a program that reads them itself. All are there,
 * are no links, and reach to where the model says.
 *
 * @param path - of the model
 * @returns undefined where the model holds all its weights
 * @throws AlexNetError as {@link readExternalFiles}
 */
export async function findExternalFolder(
  path: string,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const uses = surveyExternalFiles(bytes);
  const folder = dirname(path);
  for (const { name, minBytes } of uses) {
    const options = { limitBytes: Number.MAX_SAFE_INTEGER, refusesLinks: true };
    await withFile(join(folder, name), options, async ({ byteLength }) => {
      if (byteLength < minBytes) throw cutShort(name, byteLength, minBytes);
    });
  }
  return uses.length === 0 ? undefined : folder;
}

function cutShort(name: string, sizeBytes: number, minBytes: number): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `${name} has ${sizeBytes} bytes, but the model's weights reach to byte ${minBytes}.`,
    hint: 'The file with the weights is cut short, or belongs to another model.',
    path: [name],
  });
}

/** A file that is cut short is named with its weights later; this one is whole, and another. */
function checkSum({ name, minBytes, checksum }: ExternalFileUse, content: Uint8Array): void {
  if (checksum === undefined || content.length < minBytes) return;
  const found = createHash('sha1').update(content).digest('hex');
  if (found === checksum) return;
  throw new AlexNetError('INVALID_MODEL', {
    message: `${name} has the SHA1 ${found}, but the model was written with ${checksum}.`,
    hint: 'It belongs to another model, or was altered: copy it again, or export the model again.',
    path: [name],
  });
}
