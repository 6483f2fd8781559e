import type { Session } from '@alexnet/runtime';
import { type NodeDevice, openSession } from '@alexnet/runtime-node';
import { checkDevice } from './check-device.ts';
import { runBatches } from './run-batches.ts';
import type { ParityRuntime, Tolerance } from './runtime.ts';

/** onnxruntime in this process, on one of its devices. */
export function onnxruntimeNode(device: NodeDevice, tolerance: Tolerance): ParityRuntime {
  return {
    id: `node-${device}`,
    title: 'onnxruntime-node',
    device,
    tolerance,
    measure: async (subject) => {
      const { name, bytes, precision, embedded } = subject;
      const session: Session = await openSession(bytes, { name, device, precision, embedded });
      try {
        const { info } = session;
        checkDevice('onnxruntime-node', device, info.device);
        const { outputs, milliseconds } = await runBatches(session, subject);
        return {
          runtime: `${info.runtime} ${info.version}`,
          device: info.device,
          outputs,
          milliseconds,
        };
      } finally {
        await session.dispose();
      }
    },
  };
}
