import { isAlexNetError } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { WeightSource } from '../weight-file.ts';
import { writeZip } from '../zip/write-zip.ts';
import { detectFormat } from './detect-format.ts';

function sourceOf(name: string, content: string | readonly number[] | Uint8Array): WeightSource {
  const bytes =
    typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content);
  return { name, bytes, sibling: async () => null };
}

function refusal(source: WeightSource): string {
  try {
    return detectFormat(source);
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
}

const zip = (...names: string[]) =>
  writeZip(names.map((name) => ({ name, parts: [new Uint8Array(4)] })));
const padded = (start: readonly number[], length = 600) => {
  const bytes = new Uint8Array(length).fill(0xa5);
  bytes.set(start);
  return bytes;
};
/** A field of bytes. */
const field = (number: number, length: number) => {
  const tag = number * 8 + 2;
  const head = tag < 128 ? [tag] : [(tag & 127) | 128, tag >> 7];
  return [...head, length, ...new Array<number>(length).fill(0x80)];
};

describe('tells by the bytes, whatever the name says', () => {
  test.each([
    ['numpy', padded([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])],
    ['numpy', padded([0x80, 4, 0x95])],
    [
      'pytorch',
      padded([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]),
    ],
    ['pytorch', zip('archive/data.pkl', 'archive/data/0')],
    ['npz', zip('conv1_W.npy')],
    ['keras', zip('config.json', 'metadata.json', 'model.weights.h5')],
    ['keras', padded([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['safetensors', padded([0x10, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22])],
    ['tf-checkpoint', [...padded([]), 0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb]],
    ['onnx', [8, 9, ...field(2, 4), ...field(7, 100), ...field(8, 2)]],
    ['caffemodel', [...field(1, 5), ...field(100, 120)]],
    ['caffemodel', [...field(1, 5), ...field(2, 120)]],
    ['binaryproto', [8, 1, 16, 3, 24, 9, 32, 9, ...field(5, 100)]],
  ] as const)('%s', (kind, bytes) => {
    expect(detectFormat(sourceOf('weights.bin', bytes))).toBe(kind);
    expect(detectFormat(sourceOf('model.txt', bytes))).toBe(kind);
  });

  test('HDF5 behind a block of the user', () => {
    const bytes = new Uint8Array(2048).fill(7);
    bytes.set([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], 512);
    expect(detectFormat(sourceOf('a', bytes))).toBe('keras');
  });

  test('a layers model of TensorFlow.js', () => {
    const text = '\ufeff {"modelTopology": {}, "weightsManifest": []}';
    expect(detectFormat(sourceOf('model.json', text))).toBe('tfjs-layers');
  });
});

describe('falls back on the suffix', () => {
  test.each([
    ['model.onnx', 'onnx'],
    ['A.CAFFEMODEL', 'caffemodel'],
    ['mean.binaryproto', 'binaryproto'],
    ['a.pth', 'pytorch'],
    ['a.npy', 'numpy'],
    ['model.ckpt.index', 'tf-checkpoint'],
  ])('%s', (name, kind) => {
    expect(detectFormat(sourceOf(name, padded([0xfe, 0xff])))).toBe(kind);
  });

  test('of a checkpoint in two files, whose data were given', () => {
    expect(refusal(sourceOf('model.ckpt.data-00000-of-00001', padded([1])))).toBe(
      'UNSUPPORTED: model.ckpt.data-00000-of-00001 is the data of a TensorFlow checkpoint.',
    );
  });
});

describe('says what a file is that holds no weights', () => {
  test.each([
    ['', 'an empty file'],
    [new Array<number>(600).fill(0), 'a file of zeros'],
    ['<!DOCTYPE html><html><head><title>Sign in', 'an HTML page, not the file itself'],
    ['\n <HTML>', 'an HTML page, not the file itself'],
    ['<?xml version="1.0"?><Error><Code>AccessDenied', 'an XML file'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:1', 'a Git LFS pointer'],
    ['name: "AlexNet"\nlayer {\n', "a network of Caffe's without weights"],
    ['# comment\ninput: "data"', "a network of Caffe's without weights"],
    ['model_checkpoint_path: "model.ckpt-9"', "TensorFlow's list of checkpoints"],
    ['hello world', 'a text'],
    ['{"name":"x","nodes":[],"parameters":[]}', 'a network without weights'],
    ['{"class_name":"Sequential"}', "a Keras model's layers without weights"],
    ['{"a":1}', 'a JSON file without weights'],
    [padded([0x1f, 0x8b, 8]), 'a gzip file'],
    [padded([0xff, 0xd8, 0xff, 0xe0]), 'a JPEG picture'],
    [padded([0x89, 0x50, 0x4e, 0x47, 0x0d]), 'a PNG picture'],
    [padded([0x12, 1, 0, 0, 0, 0, 0, 0]), 'an MXNet parameter file'],
    [
      [0x1c, 0, 0, 0, ...new TextEncoder().encode('TFL3'), ...padded([])],
      'a TensorFlow Lite model',
    ],
    [
      zip('readme.txt', 'weights/alexnet.pth'),
      'a zip archive of "readme.txt", "weights/alexnet.pth", not of',
    ],
    [padded([0xfe, 0xff]), 'of a kind that is not known here'],
  ] as const)('%#', (content, kind) => {
    for (const name of ['weights', 'weights.pth'] as const) {
      const said = refusal(sourceOf(name, content));
      // A name that says something is believed where the bytes say nothing.
      if (kind.startsWith('of a kind') && name === 'weights.pth') continue;
      expect(said).toContain(`${name} is ${kind}`);
    }
  });

  test('tar slip: a tar archive is named, and never unpacked', () => {
    const bytes = new Uint8Array(1024).fill(1);
    bytes.set(new TextEncoder().encode('ustar'), 257);
    expect(refusal(sourceOf('a.tar', bytes))).toBe('UNSUPPORTED: a.tar is a tar archive.');
  });
});
