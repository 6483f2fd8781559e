import type { MetadataOverrides } from '@alexnet/runtime';
import { describeError } from '../describe-error.ts';
import { make } from '../dom.ts';
import {
  completeForeignModel,
  type ForeignModel,
  FRAMINGS,
  type FramingId,
  VALUES,
  type ValuesId,
} from '../foreign-model.ts';
import { clearError, showError } from './notice.ts';

export interface ModelFormOptions {
  readonly name: string;
  readonly model: ForeignModel;
  readonly onAnswer: (answer: MetadataOverrides) => void;
  readonly onCancel: () => void;
}

/** Asks what the file of another program's model does not say. */
export function createModelForm({
  name,
  model,
  onAnswer,
  onCancel,
}: ModelFormOptions): HTMLFormElement {
  const labels = make('textarea', { rows: 4, value: model.labels, spellcheck: false });
  const values = createSelect<ValuesId>(
    Object.entries(VALUES).map(([id, { title }]) => [id, title]),
  );
  const framing = createSelect<FramingId>(Object.entries(FRAMINGS));
  const slot = make('div', { className: 'notice-slot' });
  const cancel = make('button', { type: 'button', className: 'button', textContent: 'Cancel' });
  cancel.addEventListener('click', onCancel);
  const form = make('form', { className: 'model-form' }, [
    make('p', {
      textContent: `${name} does not say how to use it. Fill in what its authors say.`,
    }),
    field('Labels, one a line', [createLabelsHint(model), labels]),
    field('Values of a pixel', [values.element]),
    field(`From any picture to ${model.height} × ${model.width}`, [framing.element]),
    slot,
    make('div', { className: 'toolbar' }, [
      make('button', { className: 'button is-primary', textContent: 'Use this model' }),
      cancel,
    ]),
  ]);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearError(slot);
    try {
      onAnswer(
        completeForeignModel(model, {
          labels: labels.value,
          values: values.read(),
          framing: framing.read(),
        }),
      );
    } catch (error) {
      showError(slot, describeError(error));
    }
  });
  return form;
}

function field(title: string, children: readonly (Node | string)[]): HTMLLabelElement {
  return make('label', {}, [title, ...children]);
}

function createLabelsHint({ classes }: ForeignModel): HTMLElement {
  const count = classes === null ? '' : ` There are ${classes} classes.`;
  return make('span', { className: 'hint', textContent: `Empty: they are numbered.${count}` });
}

interface Choice<Id extends string> {
  readonly element: HTMLSelectElement;
  read(): Id;
}

function createSelect<Id extends string>(
  entries: readonly (readonly [string, string])[],
): Choice<Id> {
  const element = make(
    'select',
    {},
    entries.map(([value, textContent]) => make('option', { value, textContent })),
  );
  // Its values are the ids above and nothing else.
  return { element, read: () => element.value as Id };
}
