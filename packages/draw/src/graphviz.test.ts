import { expect, test } from 'vitest';
import { placeGraph } from './graphviz.ts';

test('places nodes in the order in which DOT names them', async () => {
  const placed = await placeGraph('digraph { graph [rankdir=LR]; b; a; a -> b }');
  const objects = placed.field('objects').items();
  expect(objects.map((node) => node.field('name').string())).toEqual(['b', 'a']);
});

test('says what to install where Graphviz is missing', async () => {
  const broken = placeGraph('digraph {}', () => Promise.reject(new Error('not there')));
  await expect(broken).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
    hint: expect.stringContaining('npm install @viz-js/viz'),
  });
});
