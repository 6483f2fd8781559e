import { AlexNetError, type Graph } from '@alexnet/core';
import { selectParameters } from '@alexnet/core/transforms';
import type { TrainingConfig } from '@alexnet/train';

/**
 * Factors of single parameters, of options such as `*.bias=2`: layers or parameters by pattern, and a number.
 * Where several name the same parameter, the last one holds.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function resolveFactors(
  graph: Graph,
  {
    lrMult,
    decayMult,
  }: { readonly lrMult: readonly string[]; readonly decayMult: readonly string[] },
): TrainingConfig['factors'] {
  const rates = readFactors(graph, '--lr-mult', lrMult);
  const decays = readFactors(graph, '--decay-mult', decayMult);
  return Object.fromEntries(
    graph.parameters
      .filter(({ name }) => rates.has(name) || decays.has(name))
      .map(({ name }) => [
        name,
        { learningRate: rates.get(name) ?? 1, weightDecay: decays.get(name) ?? 1 },
      ]),
  );
}

function readFactors(
  graph: Graph,
  option: string,
  texts: readonly string[],
): ReadonlyMap<string, number> {
  return new Map(
    texts.flatMap((text) => {
      const at = text.lastIndexOf('=');
      const factor = Number(text.slice(at + 1));
      if (at < 1 || text.slice(at + 1).trim() === '' || !Number.isFinite(factor) || factor < 0) {
        throw new AlexNetError('INVALID_ARGUMENT', {
          message: `${option} does not understand "${text}".`,
          hint: `Write layers and a factor: ${option} '*.bias=2' fc8=10`,
        });
      }
      const names = selectParameters(graph, [text.slice(0, at)]);
      return names.map((name) => [name, factor] as const);
    }),
  );
}
