import { AlexNetError } from '@alexnet/core';
import { escapeText } from './escape.ts';
import { formatShare } from './format-number.ts';

/** A picture that the network was not trained on, and what it says of it. */
export interface ReportPicture {
  /** `data:image/png;base64,…` */
  readonly dataUrl: string;
  readonly trueLabel: string;
  readonly predictedLabel: string;
  /** Of the predicted class, between 0 and 1. */
  readonly probability: number;
}

const DATA_URL = /^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}$/;

/**
 * Pictures in a grid, with predicted and true class. Wrong ones carry a cross, the word and a dashed
 * frame, not only another colour.
 *
 * @param options.pixelated - enlarges without smoothing: for tiny pictures such as 28 × 28
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a picture that is not a data URL
 */
export function renderPictureSheet(
  pictures: readonly ReportPicture[],
  { pixelated = false }: { readonly pixelated?: boolean } = {},
): string {
  const items = pictures.map((picture, index) => `<li>${renderPicture(picture, index)}</li>`);
  return `<ul class="sheet${pixelated ? ' pixelated' : ''}">${items.join('')}</ul>`;
}

function renderPicture(picture: ReportPicture, index: number): string {
  const { dataUrl, trueLabel, predictedLabel, probability } = picture;
  if (!DATA_URL.test(dataUrl)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `Picture ${index} of the report is not a data URL: "${dataUrl.slice(0, 40)}".`,
      hint: 'Give "data:image/png;base64,…" (png, jpeg, webp or gif): a report holds all that it shows.',
      path: [`pictures[${index}]`, 'dataUrl'],
    });
  }
  const isRight = trueLabel === predictedLabel;
  const alt = `A test picture of class ${trueLabel}`;
  const verdict = isRight
    ? '<span class="verdict">✓ right</span>'
    : `<span class="verdict">✗ wrong</span><span class="truth">is ${escapeText(trueLabel)}</span>`;
  return (
    `<figure class="picture ${isRight ? 'right' : 'wrong'}"><img src="${dataUrl}" alt="${escapeText(alt)}">` +
    `<figcaption><span class="predicted"><b>${escapeText(predictedLabel)}</b> ${formatShare(probability, 0)}</span>${verdict}</figcaption></figure>`
  );
}
