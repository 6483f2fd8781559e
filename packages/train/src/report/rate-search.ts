import type { RateSearch } from '../schedule/find-learning-rate.ts';
import { type Curve, renderCurve } from './curve.ts';
import { escapeText } from './escape.ts';
import { renderPage } from './page.ts';

/** A page with the losses of a search for a learning rate, over the logarithm of the rate. */
export function renderRateSearch({ points, suggestion }: RateSearch, title: string): string {
  const at = (rate: number) => Math.log10(rate);
  const smoothed = points.map(({ learningRate, smoothedLoss }) => ({
    x: at(learningRate),
    y: smoothedLoss,
  }));
  const sentence =
    suggestion === null
      ? 'The loss never falls: look at the pictures and their labels.'
      : `The loss falls fastest at a learning rate of ${suggestion.toPrecision(2)}.`;
  const curve: Curve = {
    title: 'Loss by learning rate',
    description: sentence,
    xLabel: 'log₁₀ of the learning rate',
    series: [
      {
        name: 'each step',
        role: 'raw',
        points: points.map(({ learningRate, loss }) => ({ x: at(learningRate), y: loss })),
      },
      { name: 'smoothed', role: 'training', points: smoothed },
    ],
    // Where it runs away is of no interest.
    yRange: [0, 1.2 * Math.max(...smoothed.slice(0, 20).map(({ y }) => y), 0.1)],
  };
  return renderPage(
    title,
    `<p>${escapeText(sentence)}</p><div class="charts">${renderCurve(curve)}</div>`,
  );
}
