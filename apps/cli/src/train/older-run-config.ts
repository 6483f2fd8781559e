/**
 * What a setting is in a run that was started before there was such a setting: not used.
 *
 * A record stands for a part of the file, anything else for a value.
 */
const UNUSED = {
  network: { own: null, freeze: [], reinit: [], lrMult: [], decayMult: [] },
  training: {
    microBatches: 1,
    clip: null,
    averageDecay: null,
    factors: {},
    labelSmoothing: 0,
    classWeights: null,
    mixing: null,
    unfreezeAt: null,
    checkpointEpochs: 1,
    checkpointMinutes: null,
  },
  checkpoints: { keep: 1, keepEvery: null },
  featureVariants: null,
  engine: { name: 'onnxruntime', device: 'cpu' },
} as const;

/** A `config.json` of version 1, as version 2 writes it. What is wrong with it stays for the parser to say. */
export function upgradeRunConfig(value: unknown): unknown {
  const filled = fillIn(value, UNUSED);
  if (!isRecord(filled) || !isRecord(filled.training)) return filled;
  const { schedule } = filled.training;
  return { ...filled, training: { ...filled.training, schedule: renameRise(schedule) } };
}

function fillIn(value: unknown, unused: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(value)) return value;
  const filled = Object.entries(unused).map(([name, usual]) => [
    name,
    isRecord(usual) ? fillIn(value[name] ?? {}, usual) : (value[name] ?? usual),
  ]);
  return { ...value, ...Object.fromEntries(filled) };
}

/** The rise of one-cycle was called its warm-up before there was a warm-up before any schedule. */
function renameRise(schedule: unknown): unknown {
  if (!isRecord(schedule) || schedule.kind !== 'one-cycle' || 'rise' in schedule) return schedule;
  const { warmup: rise, ...others } = schedule;
  return { ...others, rise };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
