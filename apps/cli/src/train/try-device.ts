import { createModel } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { type NodeDevice, openSession } from '@alexnet/runtime-node';

/**
 * Runs a small network on a device of onnxruntime-node, before pictures are read for it.
 *
 * @throws {@link AlexNetError} `DEVICE_UNAVAILABLE` with what is in the way and what helps
 */
export async function tryDevice(device: NodeDevice): Promise<void> {
  const model = exportOnnx(createModel('mnist', { widthMultiplier: 1 / 8 }));
  const session = await openSession(model, { name: 'the network of the trial', device });
  await session.dispose();
}
