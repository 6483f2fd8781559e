import { type Mark, type Point, pointsOf, type TextMark } from '../drawing.ts';
import { type Box, textBox, unionOfBoxes } from '../measure-text.ts';
import { type Cuboid, drawSolid, drawWire, type FaceTones, placeIn, rightFace } from './cuboid.ts';
import { writeNumbers } from './numbers.ts';
import { depthOf, type Scale } from './scale.ts';
import type { Stage } from './stages.ts';

/** A place on a map, as shares of its width and height. */
export type Place = readonly [back: number, down: number];

/** A kernel that reads a part, and where it stands. */
export interface Kernel {
  /** [height, width] in pixels of the map. */
  readonly size: readonly [number, number];
  readonly place: Place;
}

/** One box of a stage with its kernels and numbers, around a middle that is [0, 0]. */
export interface Part {
  readonly solid: readonly Mark[];
  readonly wires: readonly Mark[];
  readonly labels: readonly TextMark[];
  /** For each kernel its place, and the corners of its right end. */
  readonly kernels: readonly { readonly place: Place; readonly corners: readonly Point[] }[];
  /** Where the left end has this place. */
  at(place: Place): Point;
  /** The middle of the left and of the right end. */
  readonly entry: Point;
  readonly exit: Point;
  /** What the box covers, and what it covers together with its numbers. */
  readonly body: Box;
  readonly extent: Box;
}

/** Width and depth of a dense layer's column. */
const COLUMN = 12;

const TONES: Readonly<Record<Stage['kind'], FaceTones>> = {
  picture: { front: 'picture-front', top: 'picture-top', side: 'picture-side' },
  maps: { front: 'map-front', top: 'map-top', side: 'map-side' },
  dense: { front: 'dense-front', top: 'dense-top', side: 'dense-side' },
};

/** @param stage - with `isSplit`, the part is one of two and has half of the channels */
export function createPart(stage: Stage, scale: Scale, kernels: readonly Kernel[]): Part {
  const channels = stage.isSplit ? stage.channels / 2 : stage.channels;
  const cuboid = createCuboid(stage, channels, scale);
  const solid = drawSolid(cuboid, TONES[stage.kind]);
  const boxes = kernels.map((kernel) => placeKernel(cuboid, kernel, scale));
  const sizes = kernels.map(({ size }) => size);
  const labels = writeNumbers(
    { cuboid, channels, size: stage.kind === 'dense' ? null : stage.size },
    boxes,
    sizes,
  );
  const body = unionOfBoxes(solid.flatMap(pointsOf).map(pointBox));
  const { depth, height, width } = cuboid;
  return {
    solid,
    wires: boxes.flatMap((box) => drawWire(box, 'kernel')),
    labels,
    kernels: kernels.map(({ place }, index) => ({
      place,
      corners: rightFace(boxes[index] ?? cuboid),
    })),
    at: ([back, down]) => placeIn(cuboid, [0, down * height, back * width]),
    entry: placeIn(cuboid, [0, height / 2, width / 2]),
    exit: placeIn(cuboid, [depth, height / 2, width / 2]),
    body,
    extent: unionOfBoxes([body, ...labels.map(textBox)]),
  };
}

function createCuboid({ kind, size }: Stage, channels: number, scale: Scale): Cuboid {
  const length = depthOf(channels, scale);
  const [height, width] =
    kind === 'dense' ? [length, COLUMN] : size.map((side) => side * scale.perPixel);
  const depth = kind === 'dense' ? COLUMN : length;
  const cuboid = { at: [0, 0], depth, height: height ?? 0, width: width ?? 0 } as const;
  const [, top] = placeIn(cuboid, [0, 0, cuboid.width]);
  return { ...cuboid, at: [0, -(top + cuboid.height) / 2] };
}

/** The kernel's box through the whole depth, kept inside a map that is smaller. */
function placeKernel(
  { at, depth, height, width }: Cuboid,
  { size: [kernelHeight, kernelWidth], place: [back, down] }: Kernel,
  { perPixel }: Scale,
): Cuboid {
  const [h, w] = [
    Math.min(height, kernelHeight * perPixel),
    Math.min(width, kernelWidth * perPixel),
  ];
  const clamp = (value: number, room: number) => Math.max(0, Math.min(value, room));
  const y = clamp(down * height - h / 2, height - h);
  const z = clamp(back * width - w / 2, width - w);
  return { at: placeIn({ at }, [0, y, z]), depth, height: h, width: w };
}

function pointBox([x, y]: Point): Box {
  return { left: x, right: x, top: y, bottom: y };
}
