import { AlexNetError, type Weights } from '@alexnet/core';
import { rowMajorStrides } from '../elements/gather.ts';
import { bytesOf } from '../join-parts.ts';
import { PickleWriter } from '../pickle/pickle-writer.ts';
import { writeZip } from '../zip/write-zip.ts';

/** Of everything in the archive; PyTorch names it after the file. */
const FOLDER = 'archive';

/**
 * Writes a state dict of float32 tensors as `torch.save` does since 1.6; `torch.load` opens it, with
 * `weights_only=True` as well.
 *
 * @param tensors - by PyTorch's names and in its layout: OIHW, `[out, in]`
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`: no tensors · `UNSUPPORTED`: beyond 4 GiB
 * @see pytorch/pytorch, torch/serialization.py, `_save`
 */
export function writePytorch(tensors: Weights): Uint8Array {
  if (tensors.size === 0) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: 'There are no tensors to write.',
      hint: 'Give at least one.',
    });
  }
  const text = (content: string) => [new TextEncoder().encode(content)];
  const storages = [...tensors.values()].map(({ data }, index) => ({
    name: `${FOLDER}/data/${index}`,
    parts: [bytesOf(data)],
  }));
  return writeZip([
    { name: `${FOLDER}/data.pkl`, parts: writeStateDict(tensors) },
    { name: `${FOLDER}/byteorder`, parts: text('little') },
    ...storages,
    { name: `${FOLDER}/version`, parts: text('3\n') },
  ]);
}

function writeStateDict(tensors: Weights): readonly Uint8Array[] {
  const writer = new PickleWriter(2);
  const orderedDict = () => writer.global('collections', 'OrderedDict').call(() => undefined);
  orderedDict().items(() => {
    for (const [index, [name, { shape, data }]] of [...tensors].entries()) {
      writer.text(name).global('torch._utils', '_rebuild_tensor_v2');
      writer.call(() => {
        writer.tuple(() => {
          writer.text('storage').global('torch', 'FloatStorage').text(String(index));
          writer.text('cpu').integer(data.length);
        });
        writer.persistent().integer(0).integers(shape).integers(rowMajorStrides(shape));
        // Needs no gradient, has no hooks.
        writer.boolean(false);
        orderedDict();
      });
    }
  });
  return writer.finish();
}
