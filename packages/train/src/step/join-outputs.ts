import type { StepOutput } from '../training-engine.ts';

/** What the parts of a batch gave, as that of the whole; each part's loss is its share of it. */
export function joinOutputs(outputs: readonly StepOutput[]): StepOutput {
  const logits = new Float32Array(outputs.reduce((sum, output) => sum + output.logits.length, 0));
  let at = 0;
  for (const output of outputs) {
    logits.set(output.logits, at);
    at += output.logits.length;
  }
  return { loss: outputs.reduce((sum, { loss }) => sum + loss, 0), logits };
}
