/** Runs the frozen layers of a network. */
export interface FeatureExtractor {
  /**
   * @param images - [N, C, H, W], preprocessed, a whole batch; the buffer may be taken over (detached)
   * @returns [N, size]
   */
  extract(images: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}
