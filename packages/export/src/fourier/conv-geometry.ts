/** The lengths that a convolution and its gradients are made of. */
export interface ConvGeometry {
  readonly x: PictureExtent;
  /** Of the output, and so of its gradient. */
  readonly dy: PictureExtent;
  /** [kH, kW] */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
  readonly group: number;
}

export interface PictureExtent {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}
