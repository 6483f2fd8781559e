/** What is used of WebAssembly: Node has it, its types leave it to those of browsers. */
interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  /** @throws RangeError beyond the maximum */
  grow(pages: number): number;
}
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (descriptor: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => WasmMemory;
};
