import type { Prediction } from '@alexnet/runtime';
import { describeError } from '../describe-error.ts';
import { find, make } from '../dom.ts';
import type { Announcer } from './announcer.ts';
import { formatDuration, formatShare } from './format.ts';
import { clearError, showError } from './notice.ts';

export interface Answer {
  readonly predictions: readonly Prediction[];
  /** From the picture to the classes, decoding included. */
  readonly milliseconds: number;
  /** Where it ran. */
  readonly device: string;
}

/** The classes of the picture, or why there are none. */
export interface ResultPanel {
  show(answer: Answer): void;
  fail(error: unknown): void;
  clear(): void;
}

export function createResultPanel(announcer: Announcer): ResultPanel {
  const table = find('result-table', HTMLTableElement);
  const empty = find('result-empty', HTMLElement);
  const time = find('result-time', HTMLElement);
  const slot = find('result-error', HTMLElement);
  const [body] = table.tBodies;
  const rows: Row[] = [];

  const clear = (): void => {
    table.hidden = true;
    empty.hidden = false;
    time.textContent = '';
    clearError(slot);
  };
  return {
    show({ predictions, milliseconds, device }) {
      clearError(slot);
      table.hidden = false;
      empty.hidden = true;
      // Rows stay, so that a bar moves from one frame to the next.
      while (rows.length < predictions.length) rows.push(createRow());
      body?.replaceChildren(...rows.slice(0, predictions.length).map(({ element }) => element));
      predictions.forEach((prediction, index) => {
        rows[index]?.show(prediction);
      });
      time.textContent = `${formatDuration(milliseconds)} on ${device}`;
      const [best] = predictions;
      if (best) announcer.say(`${best.label}, ${formatShare(best.probability)}`);
    },
    fail(error) {
      clear();
      showError(slot, describeError(error));
    },
    clear,
  };
}

interface Row {
  readonly element: HTMLTableRowElement;
  show(prediction: Prediction): void;
}

function createRow(): Row {
  const label = make('span', { className: 'label' });
  const fill = make('span', { className: 'bar-fill' });
  const bar = make('div', { className: 'bar' }, [fill]);
  bar.setAttribute('aria-hidden', 'true');
  const head = make('th', { scope: 'row' }, [label, bar]);
  const share = make('td');
  return {
    element: make('tr', {}, [head, share]),
    show({ label: text, probability }) {
      label.textContent = text;
      label.title = text;
      share.textContent = formatShare(probability);
      fill.style.width = `${probability * 100}%`;
    },
  };
}
