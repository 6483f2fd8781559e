import {
  countClasses,
  type Graph,
  type ModelMetadata,
  numberedLabels,
  type Preprocessing,
} from '@alexnet/core';

export interface MetadataSources {
  /** What the file, or the caller, says. */
  readonly known: Partial<ModelMetadata>;
  /** The preset that the graph turned out to be, and what that expects. */
  readonly preset?: string;
  readonly preprocessing?: Preprocessing;
  readonly lacksDropout?: boolean;
  /** Whether the network scales or shifts its pictures itself, before the first layer. */
  readonly scalesItself: boolean;
}

export interface CompletedMetadata {
  readonly metadata: ModelMetadata;
  readonly remarks: readonly string[];
}

/**
 * All that a model has to say. What the file does not is filled in by what the network is, or by what is most
 * likely, and each time a remark says so: a wrong preprocessing gives wrong answers without an error.
 */
export function completeMetadata(
  graph: Graph,
  { known, preset: recognized, preprocessing, lacksDropout, scalesItself }: MetadataSources,
): CompletedMetadata {
  const remarks: string[] = [];
  const preset = known.preset ?? recognized ?? null;
  const classes = countClasses(graph);
  if (recognized) remarks.push(`The network is the preset "${recognized}", layer by layer.`);
  if (lacksDropout) {
    remarks.push('It has no dropout, which exporters leave out: training goes on without.');
  }
  if (!known.labels) {
    remarks.push(`The file does not name its ${classes} classes: they are numbered.`);
  }
  if (!known.preprocessing) remarks.push(describeAssumption(recognized, scalesItself));
  return {
    metadata: {
      preset,
      labels: known.labels ?? numberedLabels(classes),
      preprocessing: known.preprocessing ?? assume(graph, preprocessing, scalesItself),
      provenance: known.provenance ?? { origin: 'imported' },
    },
    remarks,
  };
}

function describeAssumption(preset: string | undefined, scalesItself: boolean): string {
  const unsaid = 'The file does not say how pictures have to be prepared.';
  if (scalesItself) {
    return `${unsaid} It scales them itself: RGB in 0–255 is assumed, as a picture has them.`;
  }
  return preset === undefined
    ? `${unsaid} torchvision's way is assumed: short side resized, the middle, RGB in 0–1, less ImageNet's mean and divided by its deviation.`
    : `${unsaid} What "${preset}" was published with is assumed.`;
}

/** Share of the short side that is cut out of the middle. */
const CROP = 224 / 256;

function assume(
  graph: Graph,
  published: Preprocessing | undefined,
  scalesItself: boolean,
): Preprocessing {
  const [channels = 3, height = 1, width = 1] = graph.input.shape;
  const isGrey = channels === 1;
  const plain = {
    resize: {
      mode: 'short-side',
      size: Math.round(Math.max(height, width) / CROP),
      filter: 'bilinear',
      antialias: true,
    },
    crop: { height, width },
    channels: isGrey ? 'grey' : 'RGB',
    scale: 1 / 255,
    mean: isGrey ? [0.449] : [0.485, 0.456, 0.406],
    std: isGrey ? [0.226] : [0.229, 0.224, 0.225],
  } as const;
  const prepared: Preprocessing = published ?? plain;
  if (!scalesItself) return prepared;
  const zeros = isGrey ? [0] : [0, 0, 0];
  return { ...prepared, scale: 1, mean: zeros, std: zeros.map(() => 1) };
}
