import type { Tensor } from '@alexnet/core';
import { bytesOf, joinParts } from '../join-parts.ts';
import { PickleWriter } from '../pickle/pickle-writer.ts';
import { writeNpyHeader } from './write-npy.ts';

/** A layer of a network, in TensorFlow's layout: HWIO, `[in, out]`. */
export interface NumpyLayer {
  readonly weights: Tensor;
  readonly biases: Tensor;
}

/** `lists`: `{conv1: [W, b]}`, which kratzert's script reads; `dicts`: `{conv1: {weights, biases}}`, caffe-tensorflow's. */
export type NumpyDictForm = 'lists' | 'dicts';

/**
 * Writes a `.npy` file that holds a dict of layers, for
 * `numpy.load(file, allow_pickle=True, encoding='latin1').item()`. The pickle is of protocol 3 and names `numpy.core`,
 * as NumPy wrote it from 1.10 to 1.26 under Python 3; every NumPy for Python 3 reads it, with any `encoding`.
 */
export function writeNumpyDict(
  layers: ReadonlyMap<string, NumpyLayer>,
  form: NumpyDictForm,
): Uint8Array {
  const writer = new PickleWriter(3);
  writeArray(writer, { dtype: 'O8', order: '|', shape: [] }, () =>
    writer.list(() => {
      writer.dict().items(() => {
        for (const [name, { weights, biases }] of layers) {
          writer.text(name);
          writeLayer(writer, { weights, biases }, form);
        }
      });
    }),
  );
  return joinParts([writeNpyHeader('|O', []), ...writer.finish()]);
}

function writeLayer(
  writer: PickleWriter,
  { weights, biases }: NumpyLayer,
  form: NumpyDictForm,
): void {
  const write = ({ shape, data }: Tensor) =>
    writeArray(writer, { dtype: 'f4', order: '<', shape }, () => writer.bytes(bytesOf(data)));
  if (form === 'lists') {
    writer.list(() => {
      write(weights);
      write(biases);
    });
    return;
  }
  writer.dict().items(() => {
    writer.text('weights');
    write(weights);
    writer.text('biases');
    write(biases);
  });
}

/** `_reconstruct(ndarray, (0,), b'b')`, filled with `(1, shape, dtype, False, content)`. */
function writeArray(
  writer: PickleWriter,
  { dtype, order, shape }: { dtype: string; order: string; shape: readonly number[] },
  writeContent: () => void,
): void {
  const letter = Uint8Array.of('b'.charCodeAt(0));
  writer.global('numpy.core.multiarray', '_reconstruct').call(() => {
    writer.global('numpy', 'ndarray').integers([0]).bytes(letter);
  });
  writer.tuple(() => {
    writer.integer(1).integers(shape);
    writer.global('numpy', 'dtype').call(() => {
      writer.text(dtype).boolean(false).boolean(true);
    });
    writer.tuple(() => {
      writer.integer(3).text(order).none().none().none().integer(-1).integer(-1);
      // NumPy's flags of a type: an object needs a reference count, a list for pickling, and Python's lock.
      writer.integer(dtype.startsWith('O') ? 63 : 0);
    });
    writer.build().boolean(false);
    writeContent();
  });
  writer.build();
}
