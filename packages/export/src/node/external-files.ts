import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { type ExternalFileUse, surveyExternalFiles } from '../external/external-files.ts';
import type { ExternalFiles } from '../import/initializer.ts';
import { MAX_MODEL_BYTES } from '../proto/codec.ts';
import { readFileBytes } from './read-file-bytes.ts';

/**
 * Reads the files beside a model that it keeps weights in: files of the same folder, no links, with the checksum that
 * the model gives.
 *
 * @param path - of the model
 * @throws AlexNetError as {@link readFileBytes} and `listExternalFiles`; `INVALID_MODEL` for another checksum
 */
export async function readExternalFiles(path: string, bytes: Uint8Array): Promise<ExternalFiles> {
  const files = new Map<string, Uint8Array>();
  let limitBytes = MAX_MODEL_BYTES;
  for (const use of surveyExternalFiles(bytes)) {
    const file = join(dirname(path), use.name);
    const content = await readFileBytes(file, { limitBytes, refusesLinks: true });
    checkSum(use, content);
    limitBytes -= content.length;
    files.set(use.name, content);
  }
  return files;
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
