/** Runs the frozen layers of a network. */
export interface FeatureExtractor {
  /** Numbers of one picture's features. */
  readonly size: number;
  /**
   * @param images - [N, C, H, W], preprocessed; the buffer may be taken over (detached)
   * @returns [N, size]
   */
  extract(images: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}
