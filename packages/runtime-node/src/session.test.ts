import { expect, test } from 'vitest';
import { importOrt, openSession } from './session.ts';

test('says how to install onnxruntime-node where it is absent', async () => {
  const absent = Object.assign(new Error("Cannot find package 'onnxruntime-node'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  await expect(importOrt(() => Promise.reject(absent))).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
    message: 'onnxruntime-node is not installed.',
    hint: 'Install it: npm install onnxruntime-node',
    cause: absent,
  });
});

test('says why it does not load where it is there', async () => {
  const broken = new Error('libonnxruntime.so.1: cannot open shared object file');
  await expect(importOrt(() => Promise.reject(broken))).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
    message: expect.stringContaining('libonnxruntime.so.1'),
  });
});

test('the real onnxruntime refuses bytes that are no model', async () => {
  const options = { name: 'noise.onnx', device: 'cpu' } as const;
  await expect(openSession(Uint8Array.of(8, 9, 0xff, 0xff), options)).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: expect.stringContaining('noise.onnx'),
    cause: expect.any(Error),
  });
});
