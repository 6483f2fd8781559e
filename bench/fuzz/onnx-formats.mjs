// ONNX files in the table of formats: read as networks, with what lies beside them, and by all that looks at a file.
import {
  appendOutputs,
  importOnnx,
  listExternalFiles,
  readOnnxMetadata,
  scanOnnxMetadata,
} from '@alexnet/export';
import { mutateModel } from './mutate-onnx.mjs';
import { foreignSeeds, lightSeeds, ownSeeds, shardedSeeds } from './onnx-seeds.mjs';

/** A row whose files are read as networks. Other programs' files may leave the size of the picture open. */
function imported(makeSeeds) {
  let beside = new Map();
  return {
    seeds: async () => {
      const seeds = await makeSeeds();
      beside = new Map(seeds.map((seed) => [seed.name, seed.beside]));
      return seeds;
    },
    read: (bytes, name) => {
      const externalFiles = beside.get(name) ?? new Map();
      const options = name === 'size left free' ? { inputShape: [3, 12, 10] } : {};
      return importOnnx(bytes, { ...options, externalFiles });
    },
  };
}

/** All that looks at a file without reading its network. The first refusal counts; none keeps another from its turn. */
async function lookAtAll(bytes) {
  const source = {
    byteLength: bytes.length,
    read: async (offset, length) => bytes.slice(offset, offset + length),
  };
  const looks = [
    () => readOnnxMetadata(bytes),
    () => scanOnnxMetadata(source),
    () => listExternalFiles(bytes),
    () => appendOutputs(bytes, ['conv5']),
  ];
  const results = [];
  for (const look of looks) results.push(await Promise.allSettled([(async () => look())()]));
  const refused = results.flat().find(({ status }) => status === 'rejected');
  if (refused) throw refused.reason;
}

export const ONNX_FORMATS = {
  onnx: imported(ownSeeds),
  'onnx-external': imported(shardedSeeds),
  'onnx-foreign': imported(foreignSeeds),
  'onnx-graph': {
    ...imported(async () => [...ownSeeds(), ...(await shardedSeeds()), ...foreignSeeds()]),
    mutate: mutateModel,
  },
  'onnx-outline': {
    seeds: async () => [
      ...ownSeeds(),
      ...(await shardedSeeds()),
      ...foreignSeeds(),
      ...lightSeeds(),
    ],
    read: lookAtAll,
  },
};
