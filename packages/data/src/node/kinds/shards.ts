import { openShards } from '../shards/open-shards.ts';
import { SHARDS_FILE } from '../shards/shard-format.ts';
import type { SourceKind } from './source-kind.ts';

/** Pictures decoded before, by `alexnet data prepare`. */
export const SHARDS: SourceKind = {
  name: 'shards',
  detect: async ({ survey }) =>
    survey.others.includes(SHARDS_FILE) ? `It has ${SHARDS_FILE}, as prepared shards do.` : null,
  open: async ({ store }, { options: { labels } }) => {
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
