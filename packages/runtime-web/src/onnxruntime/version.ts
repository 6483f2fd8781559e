/** The release of onnxruntime-web that this package depends on. */
export const ONNXRUNTIME_VERSION = '1.30.0';
