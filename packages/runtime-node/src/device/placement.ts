import type { NodeDevice } from './list-devices.ts';

/** Which nodes of a run a device ran. */
export interface Placement {
  /** Nodes that it ran. */
  readonly here: number;
  /** Nodes that others ran: onnxruntime gives those to the CPU that the device has no kernel for. */
  readonly elsewhere: number;
  /** Operators of the latter. */
  readonly operators: readonly string[];
}

/** onnxruntime's names of its providers, in its profiles. */
const PROVIDERS: Readonly<Record<NodeDevice, string>> = {
  cpu: 'CPUExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
};

/**
 * Reads onnxruntime's profile of a run. A session on a device can be made, and the CPU does its work all the same:
 * this is what tells.
 *
 * @param profile - JSON, in Chrome's trace event format
 * @returns nodes of 0 and 0 for a text that says nothing of nodes
 * @see onnxruntime 1.30, core/framework/sequential_executor.cc: events of the category "Node"
 */
export function readPlacement(profile: string, device: NodeDevice): Placement {
  const nodes = parseEvents(profile).flatMap(toNode);
  const others = nodes.filter(({ provider }) => provider !== PROVIDERS[device]);
  return {
    here: nodes.length - others.length,
    elsewhere: others.length,
    operators: [...new Set(others.map(({ operator }) => operator))].sort(),
  };
}

function parseEvents(profile: string): readonly unknown[] {
  try {
    const events: unknown = JSON.parse(profile);
    return Array.isArray(events) ? events : [];
  } catch {
    return [];
  }
}

function toNode(event: unknown): { readonly provider: string; readonly operator: string }[] {
  if (!isRecord(event) || event.cat !== 'Node' || !isRecord(event.args)) return [];
  const { provider, op_name: operator } = event.args;
  if (typeof provider !== 'string' || provider === '') return [];
  return [{ provider, operator: String(operator) }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
