import type { JsonReader } from '@alexnet/core';
import { RESPONSE_NORMALIZATION } from '../tfjs/response-normalization.ts';
import type { DataFormat, KerasAttributes, Pair } from './keras-network.ts';

/** Layers that add or take a border, and what they call it. */
const BORDERS: ReadonlyMap<string, string> = new Map([
  ['ZeroPadding2D', 'padding'],
  ['Cropping2D', 'cropping'],
]);

type Reader = (json: JsonReader) => unknown;

const integer: Reader = (json) => json.integer();
const number: Reader = (json) => json.number();
const boolean: Reader = (json) => json.boolean();

/** The attributes of a layer by the names that Keras 2 and 3 write, each with the one that Keras 1 wrote. */
const ATTRIBUTES: Readonly<
  Partial<Record<keyof KerasAttributes, readonly [read: Reader, ...names: string[]]>>
> = {
  batchShape: [readBatchShape, 'batch_shape', 'batch_input_shape'],
  filters: [integer, 'filters', 'nb_filter'],
  kernelSize: [readPair, 'kernel_size'],
  strides: [readPair, 'strides', 'subsample'],
  dilationRate: [readPair, 'dilation_rate'],
  groups: [integer, 'groups'],
  poolSize: [readPair, 'pool_size'],
  keepDims: [boolean, 'keepdims'],
  units: [integer, 'units', 'output_dim'],
  useBias: [boolean, 'use_bias', 'bias'],
  activation: [readActivation, 'activation'],
  dataFormat: [readDataFormat, 'data_format', 'dim_ordering'],
  rate: [number, 'rate', 'p'],
  axis: [readAxis, 'axis'],
  epsilon: [number, 'epsilon'],
  momentum: [number, 'momentum'],
  center: [boolean, 'center'],
  scale: [boolean, 'scale'],
  renorm: [boolean, 'renorm'],
  maxValue: [number, 'max_value'],
  negativeSlope: [number, 'negative_slope'],
  threshold: [number, 'threshold'],
  targetShape: [(json) => json.numbers(), 'target_shape'],
};

/** Names that mean something else in some layers: a Rescaling's scale is a number. */
const OF_RESCALING = { factor: [number, 'scale'], offset: [number, 'offset'] } as const;
/** Arguments of TensorFlow's function; its own defaults. */
const OF_RESPONSE_NORM = {
  depthRadius: [integer, 'depth_radius'],
  bias: [number, 'bias'],
  alpha: [number, 'alpha'],
  beta: [number, 'beta'],
} as const;

/**
 * What a layer's configuration says that matters, under one name each.
 *
 * @param json - the layer
 * @throws AlexNetError `INVALID_MODEL` naming a field of the wrong kind
 */
export function readAttributes(json: JsonReader, className: string): KerasAttributes {
  const config = json.field('config');
  if (className === 'Rescaling') return { ...readAll(config, OF_RESCALING), ...readShape(config) };
  if (className === 'TFOpLambda') return readAll(readArguments(json), OF_RESPONSE_NORM);
  if (className === RESPONSE_NORMALIZATION) return readAll(config, OF_RESPONSE_NORM);
  const border = BORDERS.get(className);
  const padding = border === undefined ? readPadding(config) : readBorder(config, border);
  const rows = config.has('nb_row')
    ? {
        kernelSize: [config.field('nb_row').integer(1), config.field('nb_col').integer(1)] as const,
      }
    : {};
  const built = config.has('batch_input_shape') || config.has('batch_shape') ? {} : readBuilt(json);
  return { ...built, ...readAll(config, ATTRIBUTES), ...rows, ...padding };
}

function readAll(
  json: JsonReader,
  attributes: Readonly<Record<string, readonly [read: Reader, ...names: string[]]>>,
): KerasAttributes {
  const found = Object.entries(attributes).flatMap(([key, [read, ...names]]) => {
    const name = names.find((each) => json.has(each) && json.field(each).value() !== null);
    return name === undefined ? [] : [[key, read(json.field(name))] as const];
  });
  return Object.fromEntries(found);
}

function readShape(config: JsonReader): KerasAttributes {
  const { batchShape } = ATTRIBUTES;
  return batchShape ? readAll(config, { batchShape }) : {};
}

/** Keras 3 notes beside a layer what shape it was made for. */
function readBuilt(json: JsonReader): KerasAttributes {
  if (!json.has('build_config')) return {};
  const built = json.field('build_config');
  const isList = built.has('input_shape') && Array.isArray(built.field('input_shape').value());
  return isList ? { batchShape: readBatchShape(built.field('input_shape')) } : {};
}

/** The arguments that a function was called with: the last item of the only use, [["conv1", 0, 0, { … }]]. */
function readArguments(json: JsonReader): JsonReader {
  const [use] = json.field('inbound_nodes').items();
  const [head, , , direct] = use?.items() ?? [];
  if (direct && typeof head?.value() === 'string') return direct;
  return head?.items()[3] ?? json.field('config');
}

function readBatchShape(json: JsonReader): readonly (number | null)[] {
  return json.items().map((length) => (length.value() === null ? null : length.integer(1)));
}

/** [2, 3], or 2 for both. */
function readPair(json: JsonReader): Pair {
  if (!Array.isArray(json.value())) return [json.integer(), json.integer()];
  const [height = 0, width = 0] = json.integers(2);
  return [height, width];
}

function readPadding(config: JsonReader): KerasAttributes {
  const name = ['padding', 'border_mode'].find((each) => config.has(each));
  if (name === undefined) return {};
  const json = config.field(name);
  return typeof json.value() === 'string' ? { padding: json.string() } : {};
}

function readBorder(config: JsonReader, name: string): KerasAttributes {
  if (!config.has(name)) return {};
  const json = config.field(name);
  if (!Array.isArray(json.value())) {
    const all = json.integer();
    return {
      border: [
        [all, all],
        [all, all],
      ],
    };
  }
  const items = json.items();
  if (items.length === 4) {
    const [top = 0, bottom = 0, left = 0, right = 0] = json.integers(4);
    return {
      border: [
        [top, bottom],
        [left, right],
      ],
    };
  }
  const [rows, columns] = items;
  const [[top, bottom], [left, right]] = [rows, columns].map((side): Pair => {
    return side ? readPair(side) : [0, 0];
  }) as [Pair, Pair];
  return {
    border: [
      [top, bottom],
      [left, right],
    ],
  };
}

/** A name. Keras 3 writes a layer that is used as one as an object: those names stand with brackets here. */
function readActivation(json: JsonReader): string {
  if (typeof json.value() === 'string') return json.string();
  return `${json.field('class_name').string()}(…)`;
}

function readDataFormat(json: JsonReader): DataFormat {
  const format = json.oneOf(['channels_last', 'channels_first', 'tf', 'th']);
  return format === 'channels_first' || format === 'th' ? 'channels_first' : 'channels_last';
}

/** TensorFlow's Keras writes a list of one. */
function readAxis(json: JsonReader): number {
  if (!Array.isArray(json.value())) return json.number();
  return json.numbers(1)[0] ?? 0;
}
