import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { requireOrSkip } from './require.ts';

// WebGPU in Node, on the machine's own card (ALEXNET_REQUIRE_WEBGPU=1) or on the Vulkan driver that computes on the
// CPU and comes with Chromium: SwiftShader.

const swiftShader = ['/usr/lib/chromium', '/opt/google/chrome'].find(
  (folder) =>
    existsSync(join(folder, 'libvulkan.so.1')) &&
    existsSync(join(folder, 'vk_swiftshader_icd.json')),
);
const hasOwnDriver = process.env.ALEXNET_REQUIRE_WEBGPU === '1';

export function requireWebGpu(context: TestContext): void {
  requireOrSkip(
    context,
    'WEBGPU',
    hasOwnDriver || swiftShader !== undefined,
    'no Vulkan driver: set ALEXNET_REQUIRE_WEBGPU=1 on a machine that has one, or install Chromium (SwiftShader)',
  );
}

/** The environment of a process that finds the driver: the loader reads its search path when a process starts. */
export function webGpuEnvironment(): NodeJS.ProcessEnv {
  const own =
    swiftShader && !hasOwnDriver
      ? {
          LD_LIBRARY_PATH: swiftShader,
          VK_ICD_FILENAMES: join(swiftShader, 'vk_swiftshader_icd.json'),
        }
      : {};
  return { ...process.env, ...own };
}
