import { expect, test } from 'vitest';
import { onMissing } from './on-missing.ts';

test.each(['ENOENT', 'ENOTDIR'])('%s becomes the value', (code) => {
  expect(onMissing(7)(Object.assign(new Error('no such file'), { code }))).toBe(7);
});

test('anything else is an error of ours, with the path and the reason', () => {
  const denied = Object.assign(new Error('denied'), { code: 'EACCES', path: 'secret/model.onnx' });
  expect(() => onMissing(null)(denied)).toThrowError(
    expect.objectContaining({
      code: 'IO',
      message: 'secret/model.onnx cannot be looked at: EACCES.',
      cause: denied,
    }),
  );
});
