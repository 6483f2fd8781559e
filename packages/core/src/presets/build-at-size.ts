import { AlexNetError, isAlexNetError } from '../errors.ts';
import type { Graph, Node, NodeOf } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { inferOverhang } from '../ops/pool.ts';
import type { Preset, ResolvedOptions } from './preset.ts';

/** No AlexNet needs more pixels than this. */
const LARGEST_SIZE = 1024;

/**
 * Builds a preset's graph.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` naming the layer that runs out of pixels, and the smallest
 *   input size that works
 */
export function buildAtSize(preset: Preset, options: ResolvedOptions): Graph {
  try {
    return dropIdleRounding(preset.build(options));
  } catch (error) {
    if (!isTooSmall(error)) throw error;
    const smallest = findSmallestSize(preset, options);
    if (smallest === undefined) throw error;
    throw new AlexNetError(error.code, {
      message: `At an input size of ${options.inputSize}, ${error.message} The smallest that works is ${smallest}.`,
      hint: `Use an input size of at least ${smallest}; the preset's own is ${preset.defaults.inputSize}.`,
      path: error.path,
      cause: error,
    });
  }
}

/**
 * Pools that round up where there is nothing to round are written as if they rounded down: the same windows, and
 * engines that know no `ceilMode` (onnxruntime-web on WebGPU) can run them.
 */
function dropIdleRounding(graph: Graph): Graph {
  const shapes = inferShapes(graph);
  const nodes = graph.nodes.map((node) => {
    if ((node.op !== 'MaxPool' && node.op !== 'AveragePool') || !node.attributes.ceilMode)
      return node;
    const [, , H = 0, W = 0] = shapes.get(node.inputs[0]) ?? [];
    const isIdle = inferOverhang(node.name, [H, W], node.attributes).every((rows) => rows === 0);
    return isIdle ? withoutCeilMode(node) : node;
  });
  return { ...graph, nodes };
}

function withoutCeilMode(node: NodeOf<'MaxPool'> | NodeOf<'AveragePool'>): Node {
  return node.op === 'MaxPool'
    ? { ...node, attributes: { ...node.attributes, ceilMode: false } }
    : { ...node, attributes: { ...node.attributes, ceilMode: false } };
}

function isTooSmall(error: unknown): error is AlexNetError {
  return isAlexNetError(error) && error.code === 'SHAPE_MISMATCH';
}

/** By halves: what fits into a picture fits into a larger one. */
function findSmallestSize(preset: Preset, options: ResolvedOptions): number | undefined {
  const fits = (inputSize: number) => {
    try {
      preset.build({ ...options, inputSize });
      return true;
    } catch (error) {
      if (isTooSmall(error)) return false;
      throw error;
    }
  };
  let tooSmall = options.inputSize;
  let smallest = LARGEST_SIZE;
  if (!fits(smallest)) return undefined;
  while (smallest - tooSmall > 1) {
    const middle = Math.floor((tooSmall + smallest) / 2);
    if (fits(middle)) smallest = middle;
    else tooSmall = middle;
  }
  return smallest;
}
