import { unsupportedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import { TensorCollector } from '../tensor-collector.ts';
import type { LayoutConvention, WeightFile, WeightSource } from '../weight-file.ts';
import { PickledTensor } from './pickled-tensor.ts';
import { readLegacyForm } from './read-legacy-form.ts';
import { readZipForm } from './read-zip-form.ts';
import { findStateDict } from './state-dict.ts';

const CONVENTION: LayoutConvention = {
  conv: 'OIHW',
  linear: 'out-in',
  flatten: 'CHW',
  channels: 'RGB',
};

/** The form of 2016, before 0.1.10: a tar archive whose first file is `sys_info`. */
const TAR_START = 'sys_info\0';

/**
 * Reads a file by `torch.save`, in both of its forms: a state dict, or a checkpoint that holds one. Tensors are views
 * of the file.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`: damaged, or it names what weights do not need ·
 *   `UNSUPPORTED`: no weights in it, TorchScript, the form of 2016
 */
export async function readPytorch({ name, bytes }: WeightSource): Promise<WeightFile> {
  const start = String.fromCharCode(...bytes.subarray(0, TAR_START.length));
  if (start === TAR_START) {
    throw unsupportedFile(
      name,
      'it is in the form that PyTorch wrote before 0.1.10',
      'Load it in PyTorch and save it again with torch.save.',
    );
  }
  const isZip = start.startsWith('PK');
  const saved = isZip ? await readZipForm(bytes, name) : readLegacyForm(bytes, name);
  const { arrays, leftOut, notes } = findStateDict(saved.value, name);
  const collector = new TensorCollector(name, saved.sizeBytes);
  for (const [key, array] of arrays) {
    const place = `${name}, tensor ${quoteName(key)}`;
    if (array instanceof PickledTensor) {
      collector.add(key, array.toFileTensor(place, saved.byteOrder));
    } else if (array.content.kind === 'numbers') {
      collector.add(key, array.content.toFileTensor(place));
    }
  }
  for (const key of leftOut) collector.skip(key);
  const { tensors, notes: collected } = collector.finish();
  return {
    format: isZip ? 'pytorch' : 'pytorch-legacy',
    tensors,
    convention: CONVENTION,
    notes: [...notes, ...collected],
  };
}
