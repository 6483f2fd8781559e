/** The two shared libraries of TensorFlow that the binding is linked to, by what TensorFlow calls them. */
export const FRAMEWORK = 'libtensorflow_framework.so.2';
export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow.so.2'] as const;

/** The headers that the binding includes, and those that they include, beneath TensorFlow's `include`. */
const HEADERS =
  /^(?:tensorflow\/c|xla\/tsl\/c|tensorflow\/tsl\/platform|(?:tensorflow\/core|tsl)\/platform(?=\/(?:ctstring|platform)))\/[\w./]+\.h$/;

/** @param path - beneath TensorFlow's `include` */
export function isNeededHeader(path: string): boolean {
  return HEADERS.test(path);
}

/** Where TensorFlow's libraries and headers come from. */
export interface LibrarySource {
  /** What {@link LibrarySource.place} takes of the disk. */
  readonly sizeBytes: number;
  /**
   * Puts the libraries into `lib` of a folder, and the headers that are needed into `include`.
   *
   * @throws {@link AlexNetError} `IO`, `DISK_FULL`
   */
  place(target: string, signal: AbortSignal | undefined): Promise<void>;
}
