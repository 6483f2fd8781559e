/** A way to compute on the graphics card. */
export interface Adapter {
  /** Vendor, architecture and so on, as far as the browser says. */
  readonly name: string;
  /** Whether the graphics card is played by the processor, which is slower than WASM. */
  readonly isSoftware: boolean;
}

/** Looks for WebGPU; where there is none, a text says what is in the way. */
export async function findAdapter(): Promise<Adapter | string> {
  if (!globalThis.isSecureContext) return 'this page is not served over https';
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (gpu === undefined) return 'this browser has no WebGPU';
  const adapter = await gpu.requestAdapter();
  if (!adapter) return 'this browser offers no WebGPU adapter';
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture, device, description].filter((text) => text !== '').join(' ');
  return { name: name || 'unnamed', isSoftware: isFallbackAdapter };
}
