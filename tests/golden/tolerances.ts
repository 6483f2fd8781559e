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

/**
 * Two programs, or two forms of one file, on the same network. Largest |difference|, as a share of the largest
 * magnitude in what is compared; both compute in float32, or one of them, unless something else is said.
 */
export const AGREEMENT_TOLERANCES = {
  /** Single operators, onnxruntime against values by hand; sums here are short. */
  operator: 1e-6, // measured: 8.7e-8
  /** Layers with batch normalisation, training against statistics by hand. */
  batchStatistics: 1e-5, // measured: 4.0e-7
  /** onnxruntime against the interpreter, every preset. */
  onnxruntime: 1e-5, // measured: 7.6e-7, torchvision's logits
  /** The forms that a file can have, against the interpreter. */
  exportForm: 1e-5, // measured: 7.4e-7
  /** A network in halves: each has 11 bits. */
  halves: 2e-3, // measured: 4.6e-4 onnxruntime, 7.0e-4 onnx's own evaluator
  /** A network in integers: a step of each layer's 255 may go either way. */
  integers: 0.05, // measured: 0.019
  /** Local response normalisation as a convolution, against the operator. */
  lrnForm: 1e-6, // measured: 2.6e-7
  /** Networks of other programs, read back, against those programs. */
  importedOnnx: 1e-5, // measured: 4e-7
  /** Classifiers in Node against the interpreter. */
  runtimeNode: 1e-5, // measured: 5.8e-7 on the CPU, 1.1e-6 on WebGPU (SwiftShader)
  /** Layers that a classifier gives. */
  features: 1e-5, // measured: 4e-7
  /** Files of other programs, as they are, in Node. */
  foreignOnnx: 1e-5, // measured: 4e-7
  /** Classifiers in Chromium against those in Node. */
  wasm: 1e-5, // measured: 1.1e-6
  webgpu: 1e-5, // measured: 3.5e-6, SwiftShader
  /** Weights of others: the interpreter against the programs that they come from. */
  weights: 1e-5, // measured: 9e-8 against float64, 8e-7 against float32
  weightsCaffe: 1e-5, // measured: 8e-7, OpenCV
  weightsKeras: 1e-5, // measured: 6e-7
  weightsTensorflow: 1e-5, // measured: 1.1e-6
  weightsTfjs: 1e-5, // measured: 9.7e-7, read and written
  /** Single operators, TensorFlow against values by hand. */
  tfjsOperator: 1e-6, // measured: 8.7e-8
  /** TensorFlow against the interpreter, every value of every preset. */
  tfjs: 1e-5, // measured: 8.1e-6, tflearn's first tanh; 1.9e-6 all others
  /** Gradients of the two engines, every preset. */
  tfjsGradient: 1e-4, // measured: 2.1e-5, keras-bn; 8e-6 all others
  /** Losses of the two engines over twenty steps. */
  tfjsLoss: 1e-4, // measured: 1.1e-6 in smooth networks
  /** Weights and slots of the two engines after twenty steps, ‖a − b‖ / ‖b‖. */
  tfjsState: 1e-5,
} as const;
