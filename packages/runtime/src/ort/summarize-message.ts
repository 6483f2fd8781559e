import { messageOf } from '@alexnet/core';

/**
 * What a message of onnxruntime says to its user: the first line, without the place in its sources and
 * the condition that failed. The whole message is in the error's cause.
 */
export function summarizeMessage(error: unknown): string {
  const [line = ''] = messageOf(error).trim().split('\n', 1);
  // CUDA's calls: "… CUDA failure 100: no CUDA-capable device is detected ; GPU=0 ; hostname=… ; expr=…".
  const [call] = /\bCU\w+ failure \d+: [^;]*/.exec(line) ?? [];
  if (call !== undefined) return call.trim();
  return line
    .replace(/^\S*onnxruntime\S*\.(cc|h):\d+ .* was (true|false)\. /, '')
    .replace(/\.$/, '');
}
