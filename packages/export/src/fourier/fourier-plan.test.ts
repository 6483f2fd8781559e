import { expect, test } from 'vitest';
import type { ConvGeometry } from './conv-geometry.ts';
import { isFourierQuicker, planFourier } from './fourier-plan.ts';

function square(
  { batch, channels, size }: { batch: number; channels: readonly [number, number]; size: number },
  kernel: number,
  stride = 1,
): ConvGeometry {
  const pad = (kernel - 1) / 2;
  const extent = (count: number, length: number) => ({
    batch,
    channels: count,
    height: length,
    width: length,
  });
  return {
    x: extent(channels[0], size),
    dy: extent(channels[1], Math.ceil(size / stride)),
    kernel: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
    group: 1,
  };
}

test('pays for the middle layers of AlexNet and enough pictures', () => {
  const conv4 = (batch: number) => square({ batch, channels: [384, 256], size: 13 }, 3);
  expect(isFourierQuicker(conv4(32))).toBe(true);
  expect(isFourierQuicker(conv4(1))).toBe(false);
  expect(isFourierQuicker(square({ batch: 32, channels: [64, 192], size: 27 }, 5))).toBe(true);
});

test('never pays for windows of one pixel, nor strides', () => {
  expect(isFourierQuicker(square({ batch: 128, channels: [256, 256], size: 13 }, 1))).toBe(false);
  expect(isFourierQuicker(square({ batch: 128, channels: [256, 256], size: 13 }, 3, 2))).toBe(
    false,
  );
});

test('cuts where the weights outweigh the pictures, into chunks that hold every point once', () => {
  const few = planFourier(square({ batch: 32, channels: [384, 256], size: 13 }, 3));
  expect(few.chunks.length).toBeGreaterThan(1);
  expect(few.chunks.reduce((sum, size) => sum + size, 0)).toBe(few.columns.points);
  const many = planFourier(square({ batch: 512, channels: [384, 256], size: 13 }, 3));
  expect(many.chunks).toEqual([many.columns.points]);
});
