import type { Preprocessing } from '@alexnet/core';

/** What `make_pictures.py` does to the small files, and to photographs. */
export const SMALL = { size: 14, crop: 12 } as const;
export const PHOTOGRAPH = { size: 256, crop: 224 } as const;

/** The preprocessing of torchvision's ImageNet models, at any size. */
export function torchvisionPreprocessing({
  size,
  crop,
}: {
  readonly size: number;
  readonly crop: number;
}): Preprocessing {
  return {
    resize: { mode: 'short-side', size, filter: 'bilinear', antialias: true },
    crop: { width: crop, height: crop },
    channels: 'RGB',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  };
}
