import { AlexNetError } from '@alexnet/core';

/** What a share of a step's time goes to. */
export interface ProfileRow {
  /** As in the graph; `loss`, or `other` for what onnxruntime has put between layers. */
  readonly layer: string;
  /**
   * `gradient` is what both gradients of a layer share, or the only one that it has. The weight gradient of a
   * fully connected layer is part of its `update`: one product makes it and adds the momentum.
   */
  readonly kind: ProfileKind;
  /** Of a step: the median of the steps, summed over operators. */
  readonly ms: number;
  /** Milliseconds by operator, most first. */
  readonly operators: Readonly<Record<string, number>>;
}

export type ProfileKind = 'forward' | 'gradient' | 'data gradient' | 'weight gradient' | 'update';

/** An event of onnxruntime's profile: a node has run. */
interface NodeEvent {
  readonly node: string;
  readonly operator: string;
  readonly ms: number;
}

/**
 * Sums up a profile that onnxruntime wrote of training steps, by layer and kind, most expensive first.
 *
 * @param text - the profile's JSON
 * @param skippedSteps - first steps, which pay for memory, to leave out
 * @param layers - names of the graph's nodes
 * @throws {@link AlexNetError} `INTERNAL` if it is no such profile
 */
export function summarizeProfile(
  text: string,
  { skippedSteps, layers }: { readonly skippedSteps: number; readonly layers: readonly string[] },
): readonly ProfileRow[] {
  const known = new Set([...layers, 'loss']);
  const rows = new Map<
    string,
    { layer: string; kind: ProfileKind; operators: Map<string, number> }
  >();
  for (const { name, operator, durations } of groupByNode(parseEvents(text))) {
    const { layer, kind } = place(name, known);
    const key = `${layer} ${kind}`;
    const row = rows.get(key) ?? { layer, kind, operators: new Map<string, number>() };
    rows.set(key, row);
    const ms = median(durations.slice(skippedSteps));
    row.operators.set(operator, (row.operators.get(operator) ?? 0) + ms);
  }
  return [...rows.values()]
    .map(({ layer, kind, operators }) => ({
      layer,
      kind,
      ms: [...operators.values()].reduce((sum, ms) => sum + ms, 0),
      operators: Object.fromEntries([...operators].sort(([, a], [, b]) => b - a)),
    }))
    .sort((a, b) => b.ms - a.ms);
}

interface NodeDurations {
  readonly name: string;
  readonly operator: string;
  readonly durations: readonly number[];
}

function groupByNode(events: readonly NodeEvent[]): readonly NodeDurations[] {
  const nodes = new Map<string, { name: string; operator: string; durations: number[] }>();
  for (const { node, operator, ms } of events) {
    const found = nodes.get(node) ?? { name: node, operator, durations: [] };
    nodes.set(node, found);
    found.durations.push(ms);
  }
  return [...nodes.values()];
}

/** `conv2/gradient/weight/Gemm_3`, `fc6.weight[0:65]/update/Add`: the scopes that the step was built in. */
function place(
  node: string,
  layers: ReadonlySet<string>,
): { readonly layer: string; readonly kind: ProfileKind } {
  const [first = '', ...scopes] = node.split('/');
  if (layers.has(first)) return { layer: first, kind: kindOf(scopes) };
  const owner = first.split('.')[0] ?? '';
  if (layers.has(owner)) return { layer: owner, kind: kindOf(scopes) };
  return { layer: 'other', kind: 'forward' };
}

function kindOf(scopes: readonly string[]): ProfileKind {
  if (scopes[0] === 'update') return 'update';
  if (scopes[0] !== 'gradient') return 'forward';
  if (scopes[1] === 'data') return 'data gradient';
  return scopes[1] === 'weight' ? 'weight gradient' : 'gradient';
}

const SUFFIX = '_kernel_time';

function parseEvents(text: string): readonly NodeEvent[] {
  const events: unknown = parseJson(text);
  if (!Array.isArray(events)) throw noProfile();
  const found = events.flatMap((event: unknown) => toNodeEvent(event));
  if (found.length === 0) throw noProfile();
  return found;
}

function toNodeEvent(event: unknown): readonly NodeEvent[] {
  if (!isRecord(event)) return [];
  const { cat, name, dur, args } = event;
  if (cat !== 'Node') return [];
  if (typeof name !== 'string' || !name.endsWith(SUFFIX) || typeof dur !== 'number') return [];
  const { op_name: operator } = isRecord(args) ? args : {};
  if (typeof operator !== 'string') return [];
  return [{ node: name.slice(0, -SUFFIX.length), operator, ms: dur / 1000 }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw noProfile(cause);
  }
}

function noProfile(cause?: unknown): AlexNetError {
  return new AlexNetError('INTERNAL', {
    message: 'onnxruntime wrote no profile of a training step.',
    hint: 'This release may write another form of it: measure without --profile, and please report the version.',
    cause,
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
