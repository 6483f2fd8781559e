import { AlexNetError, type JsonReader, readJson } from '@alexnet/core';
import { damagedFile } from '../file-error.ts';
import { checkJsonSize } from '../json-size.ts';
import { quoteName } from '../quote-name.ts';
import { checkSerialized } from './check-serialized.ts';
import { DESCRIBED_LAYERS, KERAS_LAYERS, KNOWN_FUNCTION, SECOND_NAMES } from './keras-layers.ts';
import type { KerasLayer, KerasNetwork } from './keras-network.ts';
import { readAttributes } from './layer-attributes.ts';
import { MAX_CONFIG_BYTES, MAX_LAYERS, MAX_NESTING } from './limits.ts';

const MODELS: ReadonlySet<string> = new Set(['Sequential', 'Functional']);

/**
 * Reads Keras's description of a network, of any of its versions: `model_config` of an .h5 file, `config.json` of a
 * .keras file, what `model.to_json()` gives.
 *
 * @param place - which file, for messages
 * @throws {@link AlexNetError} `UNSUPPORTED` by name for Lambda layers, custom classes and other modules than
 *   Keras's; `INVALID_MODEL` for what is no description
 */
export function parseKerasConfig(text: string, place: string): KerasNetwork {
  if (text.length > MAX_CONFIG_BYTES) {
    throw damagedFile(
      place,
      `its description of the network has ${text.length} characters: ${MAX_CONFIG_BYTES} is the limit`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw damagedFile(place, 'its description of the network is not JSON', { cause });
  }
  checkJsonSize(parsed, place);
  const json = readJson(parsed, { code: 'INVALID_MODEL', what: `${place}, the network` });
  const className = json.field('class_name').string();
  checkSerialized({ ...shallow(json), config: json.field('config').value() }, place);
  const model = SECOND_NAMES.get(className) ?? className;
  if (!MODELS.has(model)) throw unknownClass(className, { place, name: className });
  return readModel(json, { place, depth: 0 });
}

/** What stands beside the configuration of a model; training's settings are not looked at. */
function shallow(json: JsonReader): Readonly<Record<string, unknown>> {
  const value = (name: string) => json.field(name).value();
  return {
    class_name: value('class_name'),
    module: value('module'),
    registered_name: value('registered_name'),
  };
}

interface Context {
  readonly place: string;
  readonly depth: number;
}

function readModel(json: JsonReader, context: Context): KerasNetwork {
  const config = json.field('config');
  // A Sequential of Keras 1 is a bare list of layers.
  const isList = Array.isArray(config.value());
  const items = (isList ? config : config.field('layers')).items();
  if (items.length > MAX_LAYERS) {
    throw damagedFile(context.place, `${items.length} layers: ${MAX_LAYERS} is the limit`);
  }
  const name = !isList && config.has('name') ? (config.field('name').stringOrNull() ?? '') : '';
  const outputs =
    !isList && config.has('output_layers') ? readOutputs(config.field('output_layers')) : [];
  return { name, layers: items.map((item) => readLayer(item, context)), outputs };
}

function readLayer(json: JsonReader, { place, depth }: Context): KerasLayer {
  const given = json.field('class_name').string();
  const config = json.field('config');
  const isModel = MODELS.has(SECOND_NAMES.get(given) ?? given);
  const name = readName(json, isModel);
  if (!KERAS_LAYERS.has(given)) throw unknownClass(given, { place, name });
  if (given === 'TFOpLambda') checkFunction(config, { place, name });
  const className = SECOND_NAMES.get(given) ?? given;
  const inputs = json.has('inbound_nodes') ? readInputs(json.field('inbound_nodes')) : null;
  const layer = { name, className, inputs };
  if (!isModel) {
    const attributes = DESCRIBED_LAYERS.has(given) ? readAttributes(json, className) : {};
    return { ...layer, attributes };
  }
  if (depth >= MAX_NESTING) {
    throw damagedFile(place, `models lie in models more than ${MAX_NESTING} deep`);
  }
  return { ...layer, attributes: {}, network: readModel(json, { place, depth: depth + 1 }) };
}

function readName(json: JsonReader, isModel: boolean): string {
  const config = json.field('config');
  const isList = Array.isArray(config.value());
  if (!isList && config.has('name')) return config.field('name').string();
  if (json.has('name')) return json.field('name').string();
  return isModel ? 'model' : json.field('config').field('name').string();
}

function checkFunction(
  config: JsonReader,
  { place, name }: { readonly place: string; readonly name: string },
): void {
  const called = config.field('function').string();
  if (called === KNOWN_FUNCTION) return;
  throw new AlexNetError('UNSUPPORTED', {
    message: `${place}: layer ${quoteName(name)} calls TensorFlow's ${quoteName(called)}.`,
    hint: `Of TensorFlow's functions only ${KNOWN_FUNCTION} is known here.`,
    path: [place, name],
  });
}

function unknownClass(
  className: string,
  { place, name }: { readonly place: string; readonly name: string },
): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${place}: ${quoteName(name)} is of class ${quoteName(className)}, which is none of Keras's layers that are known here.`,
    hint: 'Classes of others are never made. To take the arrays alone, read the file with config: "ignore" and say which network they are for.',
    path: [place, name, className],
  });
}

/** [["fc8", 0, 0]], or in Keras 3 ["fc8", 0, 0] where there is one. */
function readOutputs(json: JsonReader): readonly string[] {
  const items = json.items();
  const [first] = items;
  if (first && typeof first.value() === 'string') return [first.string()];
  return items.map((item) => item.items()[0]?.string() ?? '');
}

/**
 * Who a layer reads, for each time that it is used: [[["conv1", 0, 0, {}]]] in Keras 1 and 2, in Keras 3
 * [{ args: [{ class_name: "__keras_tensor__", config: { keras_history: ["conv1", 0, 0] } }], kwargs: {} }].
 */
function readInputs(json: JsonReader): readonly (readonly string[])[] {
  return json.items().map((use) => {
    if (!Array.isArray(use.value())) {
      const named = use.has('kwargs') ? use.field('kwargs').entries() : [];
      return [...use.field('args').items(), ...named.map(([, value]) => value)].flatMap(
        readHistories,
      );
    }
    // Functions of TensorFlow's: one input, not in a list.
    const [head] = use.items();
    if (head && typeof head.value() === 'string') return [head.string()];
    return use.items().map((input) => input.items()[0]?.string() ?? '');
  });
}

function readHistories(json: JsonReader): readonly string[] {
  if (Array.isArray(json.value())) return json.items().flatMap(readHistories);
  const value = json.value();
  if (typeof value !== 'object' || value === null || !json.has('config')) return [];
  const config = json.field('config');
  if (!config.has('keras_history')) return [];
  return [config.field('keras_history').items()[0]?.string() ?? ''];
}
