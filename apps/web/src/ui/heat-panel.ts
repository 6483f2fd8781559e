import type { Classifier, Prediction, RawPicture } from '@alexnet/runtime';
import { describeError } from '../describe-error.ts';
import { find, make } from '../dom.ts';
import { measureHeat } from '../heat/measure-heat.ts';
import { createLatest } from '../latest.ts';
import type { StillPicture } from '../still-picture.ts';
import type { Announcer } from './announcer.ts';
import { describeHeat, drawHeat } from './heat-figure.ts';
import { clearError, showError } from './notice.ts';

/** What has been classified. */
export interface HeatSubject {
  readonly picture: StillPicture;
  readonly classifier: Classifier<RawPicture>;
  readonly predictions: readonly Prediction[];
}

/** Shows which parts of the picture an answer goes by. */
export interface HeatPanel {
  /** A picture and what it was taken for; `null` if there is none. */
  use(subject: HeatSubject | null): void;
}

export function createHeatPanel(announcer: Announcer): HeatPanel {
  const select = find('heat-class', HTMLSelectElement);
  const start = find('heat-start', HTMLButtonElement);
  const stop = find('heat-stop', HTMLButtonElement);
  const progress = find('heat-progress', HTMLProgressElement);
  const figure = find('heat-figure', HTMLElement);
  const slot = find('heat-error', HTMLElement);
  const latest = createLatest();
  let subject: HeatSubject | null = null;

  const setRunning = (isRunning: boolean): void => {
    stop.hidden = !isRunning;
    progress.hidden = !isRunning;
    progress.value = 0;
    start.hidden = isRunning;
  };
  const run = async (chosen: HeatSubject): Promise<void> => {
    const prediction = chosen.predictions[select.selectedIndex] ?? chosen.predictions[0];
    if (!prediction) return;
    clearError(slot);
    setRunning(true);
    stop.focus();
    try {
      const heat = await latest.run((signal) =>
        measureHeat(chosen.picture.source, {
          classifier: chosen.classifier,
          prediction,
          signal,
          onProgress: (share) => (progress.value = share),
        }),
      );
      if (heat === null) return;
      drawHeat(heat);
      figure.hidden = false;
      announcer.say(describeHeat(heat));
    } catch (error) {
      showError(slot, describeError(error));
    }
    setRunning(false);
    start.focus();
  };
  start.addEventListener('click', () => subject && run(subject));
  stop.addEventListener('click', () => {
    latest.stop();
    setRunning(false);
    start.focus();
  });
  return {
    use(next) {
      latest.stop();
      subject = next;
      setRunning(false);
      figure.hidden = true;
      clearError(slot);
      select.disabled = start.disabled = next === null;
      select.replaceChildren(
        ...(next?.predictions ?? []).map(({ label }) => make('option', { textContent: label })),
      );
    },
  };
}
