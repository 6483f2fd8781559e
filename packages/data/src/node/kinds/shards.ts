import { AlexNetError } from '@alexnet/core';
import { toPrintable } from '../../printable.ts';
import { openShards } from '../shards/open-shards.ts';
import { SHARDS_FILE } from '../shards/shard-format.ts';
import type { FileStore } from '../stores/file-store.ts';
import type { SourceKind } from './source-kind.ts';

/** Pictures decoded before, by `alexnet data prepare`. */
export const SHARDS: SourceKind = {
  name: 'shards',
  detect: async ({ survey }) =>
    survey.others.includes(SHARDS_FILE) ? `It has ${SHARDS_FILE}, as prepared shards do.` : null,
  open: async ({ store }, { options: { labels } }) => {
    if (store.kind !== 'folder') throw refuseArchive(store);
    const { index, training, validation, test } = await openShards(store.path, {
      ...(labels && { labels }),
    });
    const { kind, size } = index.shape;
    return {
      training,
      validation,
      test,
      ignored: [],
      notes: [`Its pictures were stored as ${kind}, ${size} pixels.`],
    };
  },
};

function refuseArchive({ path }: FileStore): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${toPrintable(path)} holds prepared shards, which are read from a folder only.`,
    hint: 'Unpack it, and give the folder that has shards.json.',
    path: [path],
  });
}
