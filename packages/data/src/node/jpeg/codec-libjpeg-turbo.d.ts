declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  /** libjpeg-turbo's decoder. What it hands out is a view of its memory, good until its next call. */
  interface JpegTurboDecoder {
    /** Room for a file of so many bytes. */
    getEncodedBuffer(length: number): Uint8Array;
    /** @throws where libjpeg-turbo fails, or warns */
    decode(): void;
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): {
      readonly width: number;
      readonly height: number;
      readonly componentCount: number;
    };
  }
  interface JpegTurboModule {
    readonly JPEGDecoder: new () => JpegTurboDecoder;
  }
  function createModule(): Promise<JpegTurboModule>;
  export = createModule;
}
