import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel } from '@alexnet/core';
import { decodeModel, encodeModel, exportOnnx } from '@alexnet/export';
import { onTestFinished } from 'vitest';

/** Would change the page if it became markup. */
export const MALICIOUS = `<img src=x onerror="document.title='owned'">`;

export interface ModelFiles {
  readonly folder: string;
  /** A model of three classes, whose labels are markup. */
  readonly evil: string;
  /** The same without anything that says how to use it. */
  readonly bare: string;
  /** [C, H, W] that both take. */
  readonly inputShape: readonly number[];
}

/** Writes the models of others that a test opens; they go with it. */
export function writeModelFiles(): ModelFiles {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const model = createModel('mini', { labels: [MALICIOUS, '</script>', '&amp;'] });
  const bytes = exportOnnx(model);
  const evil = join(folder, 'evil.onnx');
  writeFileSync(evil, bytes);
  const bare = join(folder, 'bare.onnx');
  writeFileSync(bare, encodeModel({ ...decodeModel(bytes), metadataProps: [] }));
  return { folder, evil, bare, inputShape: model.graph.input.shape };
}
