import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Where an array stands in `pictures.bin`. */
interface Place {
  readonly offset: number;
  readonly bytes: number;
}

export interface PicturePlace extends Place {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

export interface TensorPlace extends Place {
  readonly shape: readonly number[];
}

type Filter = 'bilinear' | 'bicubic';

/** `pictures.json.gz`, as `make_pictures.py` writes it. */
export interface GoldenCases {
  readonly sources: Readonly<Record<string, PicturePlace>>;
  readonly resizes: readonly { source: string; filter: Filter; result: PicturePlace }[];
  readonly shortSides: readonly { source: string; size: number; result: PicturePlace }[];
  readonly plainResizes: readonly { source: string; result: PicturePlace }[];
  readonly crops: readonly { source: string; result: PicturePlace }[];
  readonly parts: readonly {
    source: string;
    filter: Filter;
    box: { top: number; left: number; height: number; width: number };
    result: PicturePlace;
  }[];
  readonly greys: readonly { source: string; result: PicturePlace }[];
  readonly inputs: readonly {
    source: string;
    size: number;
    crop: number;
    mean: readonly number[];
    std: readonly number[];
    mode: 'RGB' | 'L';
    result: TensorPlace;
  }[];
  readonly tenCrops: readonly {
    source: string;
    size: number;
    mean: readonly number[];
    std: readonly number[];
    mode: 'RGB' | 'L';
    result: TensorPlace;
  }[];
  readonly levels: { mean: readonly number[]; std: readonly number[]; result: TensorPlace };
  /** `input` is what torchvision makes of it: short side 14, crop 12, ImageNet's mean and std. */
  readonly decoded: readonly { file: string; result: PicturePlace; input: TensorPlace }[];
}

export interface Photograph {
  readonly tar: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly sha256: string;
  /** Of torchvision's input, float32 little-endian: short side 256, crop 224, ImageNet's mean and std. */
  readonly inputSha256: string;
}

const read = (file: string) => readFileSync(new URL(file, import.meta.url));

export function readGoldenCases(): GoldenCases {
  return JSON.parse(gunzipSync(read('pictures.json.gz')).toString());
}

export function readPhotographs(): readonly Photograph[] {
  return JSON.parse(gunzipSync(read('photographs.json.gz')).toString()).photographs;
}

export function readEncoded(file: string): Uint8Array {
  return Uint8Array.from(read(`encoded/${file}`));
}

/** Gives pictures and tensors out of `pictures.bin`. */
export function openGoldenBytes() {
  const bytes = Uint8Array.from(read('pictures.bin'));
  const slice = ({ offset, bytes: length }: Place) => bytes.slice(offset, offset + length);
  return {
    picture: (place: PicturePlace) => ({
      width: place.width,
      height: place.height,
      channels: place.channels,
      pixels: slice(place),
    }),
    tensor: (place: TensorPlace) => new Float32Array(slice(place).buffer),
  };
}
