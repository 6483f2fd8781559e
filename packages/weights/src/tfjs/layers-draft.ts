import type { Tensor } from '@alexnet/core';

/** A layer in Keras's words, as model.json has them. */
export interface TfjsLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** [[["conv1", 0, 0, {}]]]: for the one time that it is used, what it reads. */
  readonly inbound_nodes: readonly unknown[];
}

/** An array of a layer, made when it is written. */
export interface TfjsArray {
  readonly name: string;
  /** Whether quantisation makes it smaller: kernels, which are nearly all of a model. */
  readonly isKernel: boolean;
  read(): Tensor;
}

/** A layers model that grows layer by layer. */
export interface LayersDraft {
  readonly layers: readonly TfjsLayer[];
  readonly arrays: readonly TfjsArray[];
  /** Adds a layer. @returns its name */
  add(name: string, className: string, layer: NewLayer): string;
  addArray(array: TfjsArray): void;
  /** A name for a layer that is no node of the graph: with a number behind it where it is taken. */
  nameLayer(wanted: string): string;
}

interface NewLayer {
  readonly config?: Readonly<Record<string, unknown>>;
  /** Names of the layers that it reads. */
  readonly inputs: readonly string[];
}

/** @param reserved - names of the graph's values, which their layers get */
export function createLayersDraft(reserved: readonly string[]): LayersDraft {
  const taken = new Set(reserved);
  const layers: TfjsLayer[] = [];
  const arrays: TfjsArray[] = [];
  return {
    layers,
    arrays,
    add: (name, className, { config = {}, inputs }) => {
      const uses = inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])];
      layers.push({
        class_name: className,
        name,
        config: { name, ...config },
        inbound_nodes: uses,
      });
      return name;
    },
    addArray: (array) => {
      arrays.push(array);
    },
    nameLayer: (wanted) => {
      let name = wanted;
      for (let count = 2; taken.has(name); count += 1) name = `${wanted}_${count}`;
      taken.add(name);
      return name;
    },
  };
}
