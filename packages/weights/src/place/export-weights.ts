import { AlexNetError, type Model, type Weights } from '@alexnet/core';
import { encodeSafetensors } from '@alexnet/core/safetensors';
import { writeKerasWeights } from '../keras/write-keras-weights.ts';
import { writeNpz } from '../numpy/write-npz.ts';
import { type NumpyLayer, writeNumpyDict } from '../numpy/write-numpy-dict.ts';
import { writePytorch } from '../pytorch/write-pytorch.ts';
import { listExpectedLayers } from './expected-layers.ts';
import type { ParameterRole } from './parameter-name.ts';
import { KERAS_ROLES, toTensorFlow, weightOf } from './tensorflow-arrays.ts';

/** Formats that weights are written in. */
export const EXPORT_FORMATS = [
  'safetensors',
  'npz',
  'numpy-dict',
  'pytorch',
  'keras-weights',
  'keras-h5',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * The bytes of a model's weights in another program's format, as parts to be written one after another.
 *
 * - `safetensors`: core's names and layouts, the network in the header: a MODEL that needs nothing else
 * - `npz`: core's names and layouts, `conv1.weight` OIHW
 * - `numpy-dict`: `{conv1: [W, b]}` as kratzert's scripts read it: HWIO, `[in, out]`, fc6 flattened HWC
 * - `pytorch`: a state dict; torchvision's keys where the preset is torchvision's, else core's
 * - `keras-weights`, `keras-h5`: for `model.load_weights` of a Keras model with the same layers, under core's names: of
 *   Keras 3 from `.weights.h5`, of any Keras from `.h5`
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` for layers that a format has no place for
 */
export function exportWeights(model: Model, format: ExportFormat): readonly Uint8Array[] {
  switch (format) {
    case 'safetensors':
      return encodeSafetensors(model.weights, {
        'alexnet.graph': JSON.stringify(model.graph),
        'alexnet.metadata': JSON.stringify(model.metadata),
      });
    case 'npz':
      return [writeNpz(model.weights)];
    case 'numpy-dict':
      return [writeNumpyDict(toNumpyLayers(model), 'lists')];
    case 'pytorch':
      return [writePytorch(toStateDict(model))];
    case 'keras-weights':
      return [writeKerasWeights(toKerasArrays(model))];
    case 'keras-h5':
      return [writeKerasWeights(toKerasArrays(model), { form: 'legacy' })];
    default:
      return format satisfies never;
  }
}

/** torchvision's keys for the paper's layers. */
const TORCHVISION_LAYERS: ReadonlyMap<string, string> = new Map([
  ['conv1', 'features.0'],
  ['conv2', 'features.3'],
  ['conv3', 'features.6'],
  ['conv4', 'features.8'],
  ['conv5', 'features.10'],
  ['fc6', 'classifier.1'],
  ['fc7', 'classifier.4'],
  ['fc8', 'classifier.6'],
]);

/** What PyTorch calls the arrays of a layer. */
const PYTORCH_ROLES: Readonly<Record<ParameterRole, string>> = {
  weight: 'weight',
  bias: 'bias',
  scale: 'weight',
  shift: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

function toStateDict({ graph, weights, metadata }: Model): Weights {
  const isTorchvision = metadata.preset === 'torchvision' || graph.name === 'torchvision';
  const keys = isTorchvision ? TORCHVISION_LAYERS : new Map<string, string>();
  const entries = listExpectedLayers(graph).flatMap(({ name, parameters }) => {
    return [...parameters].map(([role, parameter]) => {
      const key = `${keys.get(name) ?? name}.${PYTORCH_ROLES[role]}`;
      return [key, weightOf(weights, parameter.name)] as const;
    });
  });
  return new Map(entries);
}

function toNumpyLayers({ graph, weights }: Model): ReadonlyMap<string, NumpyLayer> {
  return new Map(
    listExpectedLayers(graph).map((layer) => {
      if (layer.kind === 'norm') {
        throw new AlexNetError('UNSUPPORTED', {
          message: `${layer.name} is a batch normalisation: a list [W, b] for each layer has no place for its four arrays.`,
          hint: 'Write safetensors, .npz or .pth.',
          path: [layer.name],
        });
      }
      return [
        layer.name,
        {
          weights: toTensorFlow(layer, 'weight', weights),
          biases: toTensorFlow(layer, 'bias', weights),
        },
      ];
    }),
  );
}

function toKerasArrays({ graph, weights }: Model): Weights {
  const entries = listExpectedLayers(graph).flatMap((layer) => {
    return [...layer.parameters.keys()].map((role) => {
      return [`${layer.name}/${KERAS_ROLES[role]}`, toTensorFlow(layer, role, weights)] as const;
    });
  });
  return new Map(entries);
}
