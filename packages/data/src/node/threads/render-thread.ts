import { parentPort } from 'node:worker_threads';
import { type ErrorMessage, invariant, toErrorMessage } from '@alexnet/core';
import { createJobWriter, type RenderJob } from '../../batches/picture-renderer.ts';
import type { RenderReply, RenderRequest } from './render-protocol.ts';

// A thread that renders pictures. See render-threads.ts for the other side.
const port = parentPort;
invariant(port, 'render-thread.ts runs as a worker thread only.');

const write = createJobWriter();
port.on('message', (request: RenderRequest) => {
  const reply: RenderReply = request.map(render);
  port.postMessage(reply);
});

function render(job: RenderJob): ErrorMessage | null {
  try {
    write(job);
    return null;
  } catch (error) {
    return toErrorMessage(error);
  }
}
