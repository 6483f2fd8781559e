import type { EventEmitter } from 'node:events';

/**
 * Lets a command end in peace whose reader has gone, as in `alexnet weights list | head -3`: what nobody reads is
 * dropped. Whatever else a stream fails with is thrown.
 */
export function tolerateClosedPipe(...streams: readonly EventEmitter[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
