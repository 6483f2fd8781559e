import { expect, test } from 'vitest';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { openHttpClient } from './http-client.ts';
import { explainFailure, getWithRedirects } from './http-get.ts';

/** A client that answers as told, without a network. */
function pretend(answers: Readonly<Record<string, string>>): HttpClient {
  const answer = (url: URL): HttpResponse => {
    const location = answers[url.href];
    return {
      status: location ? 302 : 200,
      headers: new Map(location ? [['location', location]] : []),
      body: (async function* () {})(),
      discard: () => {},
    };
  };
  return { get: async (url) => answer(url), close: async () => {} };
}

const headers = {};

test.each([
  ['http://a.test/', 'https://b.test/'],
  ['https://a.test/', 'https://b.test/'],
  ['http://a.test/', 'http://b.test/'],
])('follows %s to %s', async (from, to) => {
  const answer = await getWithRedirects(pretend({ [from]: to }), from, { headers });
  expect(answer).toMatchObject({ kind: 'response', response: { status: 200 } });
});

test('never goes from https to http, not even by way of others', async () => {
  const client = pretend({
    'https://a.test/': 'https://b.test/',
    'https://b.test/': 'http://a.test/',
  });
  expect(await getWithRedirects(client, 'https://a.test/', { headers })).toEqual({
    kind: 'refused',
    reason:
      'b.test redirects from https to http (a.test), where anyone on the way could change the file',
  });
});

test.each([
  ['ENOTFOUND', 'there is no a.test from here: is there a connection to the internet? (ENOTFOUND)'],
  ['ECONNRESET', 'a.test broke off'],
  ['UND_ERR_BODY_TIMEOUT', 'a.test fell silent'],
  ['UND_ERR_CONNECT_TIMEOUT', 'a.test did not answer in time'],
  ['CERT_HAS_EXPIRED', 'a.test: what it said (CERT_HAS_EXPIRED)'],
])('says what %s means', (code, expected) => {
  const cause = Object.assign(new Error('what it said'), { code });
  expect(explainFailure(cause, { host: 'a.test' })).toBe(expected);
});

test('looks for the reason behind an error, and into several', () => {
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  const expected = 'no connection to a.test (ECONNREFUSED)';
  expect(explainFailure(new Error('y', { cause: refused }), { host: 'a.test' })).toBe(expected);
  expect(explainFailure(new AggregateError([refused]), { host: 'a.test' })).toBe(expected);
});

test('names the missing client', async () => {
  const opened = openHttpClient({ environment: {}, silenceMs: 1 }, () =>
    Promise.reject(new Error()),
  );
  await expect(opened).rejects.toMatchObject({ code: 'MISSING_DEPENDENCY' });
});
