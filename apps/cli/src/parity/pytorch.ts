import { bytesOf } from './bytes-of.ts';
import { pythonRuntime } from './python-runtime.ts';
import type { ParityRuntime, ParitySubject, Tolerance } from './runtime.ts';

/** PyTorch, given the graph as data: it reads no ONNX. */
export function pytorch(tolerance: Tolerance): ParityRuntime {
  return pythonRuntime({
    id: 'pytorch',
    title: 'PyTorch',
    module: 'torch',
    install: 'torch numpy',
    script: 'pytorch_runtime.py',
    tolerance,
    describe: ({ model }) => {
      const { list, data } = packWeights(model);
      return { fields: { graph: model.graph, weights: list }, files: { 'weights.f32': data } };
    },
  });
}

/** All weights one after another, and where each stands, in float32. */
function packWeights({ weights }: ParitySubject['model']) {
  const total = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  const packed = new Float32Array(total);
  let offset = 0;
  const list = [...weights].map(([name, { shape, data }]) => {
    const place = { name, shape, offset };
    packed.set(data, offset);
    offset += data.length;
    return place;
  });
  return { list, data: bytesOf(packed) };
}
