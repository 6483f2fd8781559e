import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { tolerateClosedPipe } from './closed-pipe.ts';

const failing = (code: string) =>
  new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  });

test('a reader that has gone is no error', async () => {
  const pipe = failing('EPIPE');
  tolerateClosedPipe(pipe);
  const closed = new Promise((resolve) => pipe.on('close', resolve));
  pipe.write('torchvision');
  await closed;
  expect(pipe.errored).toMatchObject({ code: 'EPIPE' });
});

test('a disk that is full is one', () => {
  const file = failing('ENOSPC');
  tolerateClosedPipe(file);
  expect(() => file.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))).toThrow(
    'full',
  );
});
