import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '@alexnet/data/node';

/** Two classes that differ in brightness: learnt in a few steps. */
export async function writePhotos(root: string): Promise<string> {
  const photos = join(root, 'photos');
  for (const [label, grey] of [
    ['dark', 30],
    ['light', 220],
  ] as const) {
    await mkdir(join(photos, label), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const pixels = new Uint8Array(28 * 28 * 3).fill(grey + i);
      const png = await encodePng({ width: 28, height: 28, channels: 3, pixels });
      await writeFile(join(photos, label, `${i}.png`), png);
    }
  }
  return photos;
}
