import { expect, test } from 'vitest';
import { summarizeMessage } from './summarize-message.ts';

test('leaves out where in its sources onnxruntime failed', () => {
  const message =
    '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const Config&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n';
  expect(summarizeMessage(new Error(message))).toBe(
    'Failed to get a WebGPU adapter: No supported adapters',
  );
});

test('leaves plain words as they are, but for the full stop', () => {
  const words = 'Failed to load model because protobuf parsing failed';
  expect(summarizeMessage(new Error(`${words}.`))).toBe(words);
  expect(summarizeMessage('text\nmore')).toBe('text');
});
