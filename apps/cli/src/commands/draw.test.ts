import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNetwork } from '@alexnet/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-draw-'));
});
afterAll(() => rm(root, { recursive: true }));

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

describe('the file’s name says what is drawn', () => {
  test.each([
    ['net.svg', 'paper style, SVG', /^<svg [\s\S]*<\/svg>\n$/],
    ['net.dot', 'caffe style, DOT', /^digraph "mnist" \{[\s\S]*\}\n$/],
    ['net.GV', 'caffe style, DOT', /^digraph/],
  ])('%s', async (name, says, content) => {
    const file = join(root, name);
    const { exitCode, results, notes } = await call('draw', 'mnist', file);
    expect({ exitCode, notes }).toEqual({ exitCode: 0, notes: '' });
    expect(results).toEqual([expect.stringContaining(`${file}: mnist in ${says}`)]);
    expect(await readFile(file, 'utf8')).toMatch(content);
  });

  test('net.png', async () => {
    const file = join(root, 'net.png');
    const { results } = await call('draw', 'mnist', file, '--scale', '0.5', '--json');
    const bytes = await readFile(file);
    expect([...bytes.subarray(0, 4)]).toEqual(PNG_SIGNATURE);
    expect(results.map((line) => JSON.parse(line))).toEqual([
      {
        file,
        bytes: bytes.length,
        format: 'png',
        style: 'paper',
        width: bytes.readUInt32BE(16),
        height: bytes.readUInt32BE(20),
      },
    ]);
  });

  test('- is standard output, SVG unless told otherwise', async () => {
    const svg = await call('draw', 'mini', '-', '--style', 'caffe', '--theme', 'dark');
    expect(svg.results[0]).toMatch(/^<svg [\s\S]*\(Convolution\)[\s\S]*<\/svg>$/);
    const png = await call('draw', 'mini', '-', '--format', 'png', '--scale', '0.2');
    expect(png.results).toEqual([]);
    expect([...(png.bytes[0]?.subarray(0, 4) ?? [])]).toEqual(PNG_SIGNATURE);
  });
});

test('a preset takes its options, and a direction means the graph', async () => {
  const { results } = await call('draw', 'paper', '-', '--classes', '7', '--rankdir', 'TB');
  expect(results[0]).toContain('>7</text>');
  expect(results[0]).toContain('(Convolution) kernel size: 11');
});

test('a network of one’s own is drawn; one without pictures as a graph', async () => {
  const file = join(root, 'net.json');
  await writeFile(file, JSON.stringify(createNetwork('mnist').graph));
  expect((await call('draw', file, '-')).results[0]).toContain('>conv1</text>');

  const head = {
    name: 'head',
    input: { name: 'features', shape: [4] },
    parameters: [
      { name: 'fc.weight', shape: [2, 4] },
      { name: 'fc.bias', shape: [2] },
    ],
    nodes: [
      {
        op: 'Gemm',
        name: 'fc',
        inputs: ['features', 'fc.weight', 'fc.bias'],
        output: 'logits',
        attributes: {},
      },
    ],
    output: 'logits',
  };
  await writeFile(file, JSON.stringify(head));
  expect((await call('draw', file, '-')).results[0]).toContain('>(InnerProduct)</text>');
  const boxes = await call('draw', file, '-', '--style', 'paper');
  expect(boxes.notes).toMatch(/"features" of head is \[4\].*\nhint: The style "caffe"/);
  expect(boxes.exitCode).toBe(1);
});

describe('wrong use is told, and writes nothing', () => {
  test.each([
    [['net.jpg'], /"net.jpg" does not say what to write: ".jpg"[\s\S]*\.svg, \.png or \.dot/],
    [['net'], /it has no extension/],
    [['net.dot', '--style', 'paper'], /DOT describes graphs/],
    [['net.svg', '--style', 'paper', '--rankdir', 'TB'], /--rankdir TB is for the style "caffe"/],
    [['net.svg', '--scale', '3'], /--scale is for PNG/],
    [['net.png', '--scale', '1000'], /At a scale of 1000 the PNG would have/],
    [['-', '--json'], /Leave out --json/],
    [['net.svg', '--theme', 'grey'], /Allowed choices are auto, light, dark/],
  ])('%j', async ([name = '', ...options], message) => {
    const empty = await mkdtemp(join(root, 'empty-'));
    const file = name === '-' ? name : join(empty, name);
    const { exitCode, notes, results } = await call('draw', 'mnist', file, ...options);
    expect(notes.replaceAll(`${empty}/`, '')).toMatch(message);
    expect({ exitCode, results }).toEqual({ exitCode: 2, results: [] });
    expect(await readdir(empty)).toEqual([]);
  });

  test('a folder that does not exist', async () => {
    const { exitCode, notes } = await call('draw', 'mnist', join(root, 'nowhere', 'net.svg'));
    expect(notes).toMatch(/there is no folder .*nowhere/);
    expect(exitCode).toBe(1);
  });

  test('an unknown network', async () => {
    const { notes } = await call('draw', 'mnits', join(root, 'x.svg'));
    expect(notes).toMatch(/mnits.*mnist/);
  });
});
