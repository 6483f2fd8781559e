import { loadModel } from '@alexnet/runtime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVERY_FORM, writeForm } from '../forms/every-form.ts';
import { readEncoded } from '../golden/pictures/read-pictures.ts';
import { AGREEMENT_TOLERANCES } from '../golden/tolerances.ts';
import { expectRelativelyClose } from '../ops/compare.ts';
import { type BuiltRuntime, buildRuntime, openRuntimePage } from './runtime-page.ts';
import { respond } from './serve.ts';

// Every form that an export can take, in a page: the classes that the same file gives in Node.

const PICTURES = ['baseline-444.jpg', 'exif-6.jpg', 'grey.jpg', 'progressive.jpg'];

let built: BuiltRuntime;
beforeAll(async () => {
  built = await buildRuntime();
});
afterAll(() => built?.remove());

async function classifyInNode(bytes: Uint8Array): Promise<readonly (readonly number[])[]> {
  const model = await loadModel(bytes, { device: 'cpu' });
  const found = await model.classifyBatch(PICTURES.map(readEncoded), { topK: 7 });
  await model.dispose();
  return found.map(byClass);
}

function byClass(
  top: readonly { readonly index: number; readonly probability: number }[],
): readonly number[] {
  return top.toSorted((a, b) => a.index - b.index).map(({ probability }) => probability);
}

test('every form gives in a page what it gives in Node', async (context) => {
  const files = new Map<string, Uint8Array>();
  for (const form of Object.values(EVERY_FORM)) {
    files.set(`/${files.size}.onnx`, await writeForm(form, PICTURES.map(readEncoded)));
  }
  const answers = [...files].map(
    ([path, bytes]) => [path, respond('application/octet-stream', bytes)] as const,
  );
  const { web } = await openRuntimePage(context, built, { routes: Object.fromEntries(answers) });
  const found = await web.evaluate(
    async ({ loadModel }, { paths, pictures }) => {
      const results = [];
      for (const path of paths) {
        const model = await loadModel(path, { device: 'wasm', threads: 1 });
        results.push(await model.classifyBatch(pictures, { topK: 7 }));
        await model.dispose();
      }
      return results;
    },
    { paths: [...files.keys()], pictures: PICTURES.map((name) => `pictures/${name}`) },
  );
  const forms = Object.entries(EVERY_FORM);
  expect(found).toHaveLength(forms.length);
  for (const [index, [name, { options }]] of forms.entries()) {
    const expected = await classifyInNode(files.get(`/${index}.onnx`) ?? new Uint8Array());
    const { integers, wasm } = AGREEMENT_TOLERANCES;
    const tolerance = options.dtype === 'int8' ? integers : wasm;
    for (const [row, shares] of expected.entries()) {
      expectRelativelyClose(byClass(found[index]?.[row] ?? []), shares, name, tolerance);
    }
  }
});
