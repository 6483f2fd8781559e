import { type CaffeNet, toCaffeNet } from './caffe-net.ts';
import type { RawLayer } from './decode-net.ts';
import { type Fields, readFields } from './fields.ts';
import { parseTextFormat } from './text-format.ts';

/**
 * Reads the description of a network, a `deploy.prototxt` or `train_val.prototxt` of any version.
 *
 * @throws AlexNetError `INVALID_MODEL` naming line and column, or field
 *
 * @example
 * parsePrototxt(text).layers.map(({ name }) => name) // ['data', 'conv1', 'relu1', …]
 */
export function parsePrototxt(text: string): CaffeNet {
  const fields = parseTextFormat(text);
  return toCaffeNet({
    fields,
    layers: readLayers(fields, 'layer'),
    oldLayers: readLayers(fields, 'layers'),
  });
}

function readLayers(fields: Fields, name: string): readonly RawLayer[] {
  // Checks that each is a message.
  readFields(fields, 'the network').messages(name);
  const layers = fields.get(name) ?? [];
  return layers.flatMap((layer) =>
    typeof layer === 'object' ? [{ fields: layer, blobs: [] }] : [],
  );
}
