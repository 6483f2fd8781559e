import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { AlexNetError } from '@alexnet/core';

/** The part of @resvg/resvg-wasm that is used; this is the only file that knows where it comes from. */
export interface ResvgModule {
  initWasm(wasm: Uint8Array): Promise<void>;
  readonly Resvg: new (svg: string, options: object) => Resvg;
}

interface Resvg {
  readonly width: number;
  readonly height: number;
  render(): { asPng(): Uint8Array; free(): void };
  free(): void;
}

const require = createRequire(import.meta.url);

/**
 * Loads resvg, compiled to WebAssembly, and the one font that it writes in, Arimo, whose widths are those that the
 * pictures are measured with. No machine's own fonts are used: a picture is the same everywhere, also where there are
 * none.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY`
 */
export async function loadResvg(
  importResvg: () => Promise<ResvgModule> = () => import('@resvg/resvg-wasm'),
): Promise<{ open(svg: string, scale: number): Resvg }> {
  try {
    const [{ initWasm, Resvg }, program, font] = await Promise.all([
      importResvg(),
      readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')),
      readFile(require.resolve('@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf')),
    ]);
    await initWasm(program).catch(passIfDone);
    return {
      open: (svg, scale) =>
        new Resvg(svg, {
          fitTo: { mode: 'zoom', value: scale },
          font: { fontBuffers: [font], defaultFontFamily: 'Arimo', sansSerifFamily: 'Arimo' },
        }),
    };
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message:
        'PNG files are made by "@resvg/resvg-wasm" with "@expo-google-fonts/arimo", of which one is not installed.',
      hint: 'npm install @resvg/resvg-wasm @expo-google-fonts/arimo; or write SVG, which needs neither.',
      cause,
    });
  }
}

/** It starts once in a process and complains about a second time, which is no fault. */
function passIfDone(error: unknown): void {
  if (!(error instanceof Error && error.message.startsWith('Already initialized'))) throw error;
}
