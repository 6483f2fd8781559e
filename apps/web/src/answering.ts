import type { PictureSource } from '@alexnet/runtime-web';
import { createLatest } from './latest.ts';
import type { HostedModel } from './model-host.ts';
import type { StillPicture } from './still-picture.ts';
import { nameDevice } from './ui/device-name.ts';
import type { FeaturePanel } from './ui/feature-panel.ts';
import type { HeatPanel } from './ui/heat-panel.ts';
import type { Answer, ResultPanel } from './ui/result-panel.ts';

export interface AnsweringOptions {
  readonly current: () => HostedModel<PictureSource> | null;
  readonly result: ResultPanel;
  readonly heat: HeatPanel;
  readonly features: FeaturePanel;
}

/** Answers what pictures show, with the model that is ready. */
export interface Answering {
  /** A picture that stays until the next one comes. */
  answer(picture: StillPicture): Promise<void>;
  /** The same picture again: another model came. */
  answerAgain(): Promise<void>;
  /** One frame of a camera. */
  answerFrame(video: HTMLVideoElement): Promise<void>;
}

export function createAnswering({ current, result, heat, features }: AnsweringOptions): Answering {
  const latest = createLatest();
  let picture: StillPicture | null = null;

  /** @returns what was shown; `null` if there was no model, an error, or a newer picture */
  const show = async (source: PictureSource): Promise<Answer | null> => {
    const model = current();
    if (!model) return null;
    try {
      const answer = await latest.run((signal) => classify(model, source, signal));
      if (answer) result.show(answer);
      return answer;
    } catch (error) {
      result.fail(error);
      return null;
    }
  };
  const answerPicture = async (): Promise<void> => {
    heat.use(null);
    features.use(picture);
    if (picture === null) return;
    const shown = picture;
    const answer = await show(shown.source);
    const model = current();
    if (answer === null || model === null) return;
    heat.use({ picture: shown, classifier: model.classifier, predictions: answer.predictions });
  };
  return {
    answer(next) {
      picture = next;
      return answerPicture();
    },
    answerAgain: answerPicture,
    async answerFrame(video) {
      if (picture !== null) {
        picture = null;
        heat.use(null);
        features.use(null);
      }
      await show(video);
    },
  };
}

/** Best classes to show. */
const TOP_K = 5;

async function classify(
  { classifier }: HostedModel<PictureSource>,
  source: PictureSource,
  signal: AbortSignal,
): Promise<Answer> {
  const topK = Math.min(TOP_K, classifier.info.classes);
  const start = performance.now();
  const predictions = await classifier.classify(source, { topK, signal });
  const milliseconds = performance.now() - start;
  return { predictions, milliseconds, device: nameDevice(classifier.info) };
}
