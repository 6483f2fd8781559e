import type { Picture } from '@alexnet/data';
import type { Classifier } from './classifier.ts';
import { type ClassifierOptions, createClassifier } from './create-classifier.ts';
import type { Session } from './session.ts';

// A classifier for tests, on a model that is worked out by hand.

/**
 * A picture of one grey value; the fake model answers with [value, 2 · value, 3], and its layer "pair" with
 * [[value], [−value]].
 */
export type FakeSource = number | { readonly value: number; readonly side: number };

interface Fake {
  readonly session: Session;
  readonly classifier: Classifier<FakeSource>;
  /** Batch sizes of the runs, in their order. */
  readonly runs: number[];
  /** What happened, in order: `decode 5`, `run 2`, `dispose`. */
  readonly events: string[];
  readonly mostAtATime: () => number;
}

interface FakeOptions extends Partial<Pick<ClassifierOptions<FakeSource>, 'outputKind'>> {
  readonly output?: string;
  readonly batch?: number | string;
  readonly answer?: (value: number) => readonly number[];
  readonly decode?: (value: number) => Promise<void>;
}

const METADATA = {
  preset: null,
  labels: ['low', 'high', 'three'],
  preprocessing: {
    resize: { mode: 'none' },
    crop: null,
    channels: 'grey',
    scale: 1,
    mean: [0],
    std: [1],
  },
  provenance: null,
} as const;

export function createFake({
  output = 'logits',
  batch = 'N',
  answer = (x) => [x, 2 * x, 3],
  decode,
  ...rest
}: FakeOptions = {}): Fake {
  const runs: number[] = [];
  const events: string[] = [];
  let running = 0;
  let most = 0;
  const session: Session = {
    info: {
      device: 'cpu',
      deviceReason: 'asked for by name',
      runtime: 'fake',
      version: '1',
      input: { name: 'image', shape: [batch, 1, 1, 1] },
      output: { name: output, shape: [batch, 3] },
      outputs: [
        { name: output, shape: [batch, 3] },
        { name: 'pair', shape: [batch, 2, 1] },
        { name: 'sum', shape: [1] },
      ],
    },
    async run(input, batchSize, outputs = [output]) {
      if (input.length !== batchSize) throw new Error(`${input.length} for ${batchSize}`);
      runs.push(batchSize);
      events.push(`run ${batchSize}`);
      running++;
      most = Math.max(most, running);
      await pause();
      running--;
      const rows = [...input].map((x) => answer(x));
      const tensors = {
        [output]: {
          shape: [batchSize, rows[0]?.length ?? 0],
          data: Float32Array.from(rows.flat()),
        },
        pair: {
          shape: [batchSize, 2, 1],
          data: Float32Array.from([...input].flatMap((x) => [x, -x])),
        },
        sum: { shape: [1], data: Float32Array.of(input.reduce((a, b) => a + b, 0)) },
      };
      return new Map(Object.entries(tensors).filter(([name]) => outputs.includes(name)));
    },
    async dispose() {
      events.push('dispose');
    },
  };
  const classifier = createClassifier<FakeSource>({
    session,
    metadata: METADATA,
    decode: async (source) => {
      const { value, side } = typeof source === 'number' ? { value: source, side: 1 } : source;
      await decode?.(value);
      events.push(`decode ${value}`);
      return createPicture(value, side);
    },
    ...rest,
  });
  return { session, classifier, runs, events, mostAtATime: () => most };
}

function createPicture(value: number, side: number): Picture {
  return {
    width: side,
    height: side,
    channels: 1,
    pixels: new Uint8Array(side * side).fill(value),
  };
}

/** Lets everything that is ready go first. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

export const range = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index);
