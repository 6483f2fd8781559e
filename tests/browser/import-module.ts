import type { JSHandle, Page } from 'playwright-core';

/**
 * Imports a module in a page, to be called from here: `module.evaluate(({ f }, x) => f(x), x)`.
 *
 * An `import()` written in `page.evaluate` does not work: vitest rewrites it for Node.
 *
 * @typeParam Module - the type of its exports: `typeof import('@alexnet/core')`
 * @param path - on the page's own server
 */
export async function importModule<Module>(page: Page, path: string): Promise<JSHandle<Module>> {
  const url = new URL(path, page.url()).href;
  return (await page.evaluateHandle(`import(${JSON.stringify(url)})`)) as JSHandle<Module>;
}
