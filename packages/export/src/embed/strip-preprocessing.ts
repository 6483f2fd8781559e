import type { Preprocessing } from '@alexnet/core';
import type { GraphProto, NodeProto } from '../proto/messages.ts';
import { makeTensorInfo } from '../value-info.ts';
import { PREPROCESSED } from './preprocessing-scope.ts';

/** A graph without the preprocessing that it does itself: the network, with the input that it reads. */
export function stripPreprocessing(
  graph: GraphProto,
  { crop, resize, channels }: Preprocessing,
): GraphProto {
  const size = crop ?? (resize.mode === 'exact' ? resize : undefined);
  const [input] = graph.input;
  const axes = input?.type?.tensorType?.shape?.dim ?? [];
  const [batch, height, width] = axes.map(({ dimValue, dimParam = '' }) => dimValue ?? dimParam);
  const [H, W] = [size?.height ?? height ?? '', size?.width ?? width ?? ''];
  const name = input?.name ?? '';
  const shape = [batch ?? '', channels === 'grey' ? 1 : 3, H, W];
  const makers = findMakers(graph.node);
  const node = graph.node.filter((each) => !makers.has(each));
  return {
    ...graph,
    node: node.map((each) => readFrom(each, name)),
    input: [makeTensorInfo(name, 'float32', shape)],
  };
}

/** The nodes that {@link PREPROCESSED} is made by. */
function findMakers(nodes: readonly NodeProto[]): ReadonlySet<NodeProto> {
  const needed = new Set([PREPROCESSED]);
  const makers = [...nodes].reverse().filter(({ output, input }) => {
    if (!output.some((name) => needed.has(name))) return false;
    for (const name of input) needed.add(name);
    return true;
  });
  return new Set(makers);
}

function readFrom(node: NodeProto, input: string): NodeProto {
  return { ...node, input: node.input.map((name) => (name === PREPROCESSED ? input : name)) };
}
