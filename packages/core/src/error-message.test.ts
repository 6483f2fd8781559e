import { expect, test } from 'vitest';
import { fromErrorMessage, toErrorMessage } from './error-message.ts';
import { AlexNetError } from './errors.ts';

const cross = (error: unknown) => fromErrorMessage(structuredClone(toErrorMessage(error)));

test('an error crosses with all that it says, and with the words of its causes', () => {
  const cause = new Error('middle', { cause: 'innermost' });
  const error = new AlexNetError('IO', { message: 'm', hint: 'h', path: ['a', 'b'], cause });
  const crossed = cross(error);
  expect(crossed).toMatchObject({ code: 'IO', message: 'm', hint: 'h', path: ['a', 'b'] });
  expect(crossed).toBeInstanceOf(AlexNetError);
  expect(crossed.stack).toBe(error.stack);
  expect(crossed.cause).toEqual(new Error('middle', { cause: new Error('innermost') }));
});

test('what is not ours is a fault inside', () => {
  expect(cross(new TypeError('x is not a function'))).toMatchObject({
    code: 'INTERNAL',
    message: 'x is not a function',
    hint: undefined,
  });
  expect(cross('just words')).toMatchObject({ code: 'INTERNAL', message: 'just words' });
});

test('causes that name each other end', () => {
  const a = new Error('a');
  a.cause = new Error('b', { cause: a });
  expect(toErrorMessage(a).causes).toEqual(['b', 'a', 'b', 'a', 'b', 'a', 'b', 'a']);
});
