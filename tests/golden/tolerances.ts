/**
 * Largest |difference| that the gradient tests allow, as a share of the largest magnitude in the array that
 * is compared. Beside each: the largest one measured, onnxruntime-node 1.30 on an AVX-512 machine.
 */
export const TOLERANCES = {
  /** Gradients of the small cases against PyTorch in float64. */
  opGradient: 1e-5, // measured: 2.5e-6
  /** The same against finite differences of the interpreter, whose own error is about 1e-8. */
  finiteDifference: 1e-5, // measured: 2.5e-6
  /** Gradients of whole networks against PyTorch in float64. */
  networkGradient: 1e-5, // measured: 7.7e-7
  /** Losses, relative. */
  loss: 1e-5, // measured: 3.4e-7
  /** Weights after 5 steps, as a share of the largest weight. */
  trainedWeight: 1e-5, // measured: 1.2e-6
} as const;

/** The same of forward passes against other implementations. */
export const REFERENCE_TOLERANCES = {
  /** The interpreter against references in float64, which keep 12 digits. */
  float64: 1e-10, // measured: 4.6e-12
  /** The interpreter against references that are float32 somewhere. */
  float32: 1e-5, // measured: 1.6e-6, tflearn's second tanh
  /** onnxruntime against all of them. */
  onnxruntime: 1e-5, // measured: 2.0e-6, the same
} as const;
