import type { ClassifierInfo } from '@alexnet/runtime';
import { describeError } from '../describe-error.ts';
import { find, make } from '../dom.ts';
import type { DeviceChoice, HostedModel } from '../model-host.ts';
import { nameDevice } from './device-name.ts';
import { chooseFiles } from './drops.ts';
import { createModelForm, type ModelFormOptions } from './model-form.ts';
import { clearError, showError } from './notice.ts';

export interface ModelPanelOptions {
  readonly onFile: (file: File) => void;
  readonly onDevice: (device: DeviceChoice) => void;
  readonly onDefault: () => void;
}

/** Which model runs, on what, and how to run another one. */
export interface ModelPanel {
  /** What is being opened. @param share - of the download, `null` where its length is not known */
  progress(name: string, share: number | null): void;
  show<Picture>(model: HostedModel<Picture>): void;
  fail(error: unknown): void;
  /** Asks for what the model's file does not say. */
  ask(form: Pick<ModelFormOptions, 'name' | 'model' | 'onAnswer'>): void;
  readonly device: DeviceChoice;
}

export function createModelPanel({ onFile, onDevice, onDefault }: ModelPanelOptions): ModelPanel {
  const loading = createLoading();
  const slot = find('model-error', HTMLElement);
  const formSlot = find('model-form', HTMLElement);
  const name = find('model-name', HTMLElement);
  const facts = find('model-facts', HTMLElement);
  const reason = find('device-reason', HTMLElement);
  const devices = [...document.querySelectorAll<HTMLInputElement>('input[name="device"]')];

  chooseFiles([find('open-model', HTMLButtonElement)], {
    input: find('model-file', HTMLInputElement),
    onFile,
  });
  find('default-model', HTMLButtonElement).addEventListener('click', onDefault);
  const readDevice = (): DeviceChoice => {
    const checked = devices.find((input) => input.checked)?.value;
    return checked === 'wasm' || checked === 'webgpu' ? checked : 'auto';
  };
  for (const input of devices) input.addEventListener('change', () => onDevice(readDevice()));
  let running: DeviceChoice = readDevice();
  const showDevice = (device: DeviceChoice): void => {
    running = device;
    for (const input of devices) input.checked = input.value === device;
  };

  const settle = (): void => {
    loading.hide();
    clearError(slot);
    formSlot.replaceChildren();
  };
  return {
    progress(text, share) {
      settle();
      loading.show(text, share);
    },
    show({ request, classifier: { info } }) {
      settle();
      name.textContent = request.source.name;
      facts.replaceChildren(...listFacts(info));
      reason.replaceChildren(
        make('strong', { textContent: nameDevice(info) }),
        ` (${info.deviceReason})`,
      );
      showDevice(request.device);
    },
    fail(error) {
      settle();
      // The model before runs on, where it ran.
      showDevice(running);
      showError(slot, describeError(error));
    },
    ask(form) {
      settle();
      const element = createModelForm({ ...form, onCancel: () => formSlot.replaceChildren() });
      formSlot.replaceChildren(element);
      element.querySelector('textarea')?.focus();
    },
    get device() {
      return readDevice();
    },
  };
}

function createLoading(): { show(name: string, share: number | null): void; hide(): void } {
  const box = find('model-loading', HTMLElement);
  const bar = find('model-progress', HTMLProgressElement);
  const text = find('model-progress-text', HTMLElement);
  return {
    show(name, share) {
      box.hidden = false;
      if (share === null) bar.removeAttribute('value');
      else bar.value = share;
      text.textContent = `Opening ${name} …${share === null ? '' : ` ${Math.round(share * 100)} %`}`;
    },
    hide() {
      box.hidden = true;
    },
  };
}

/** Labels and names come out of a file of unknown origin: they become text nodes and nothing else. */
function listFacts(info: ClassifierInfo): readonly HTMLElement[] {
  const { preset, labels, classes, input, provenance } = info;
  const shown = labels.slice(0, 5).join(', ');
  const validation = provenance?.validation;
  const facts: readonly (readonly [string, string])[] = [
    ...(preset === null ? [] : [['Network', preset] as const]),
    ['Classes', classes > 5 ? `${classes}: ${shown}, …` : shown],
    ['Input', input.shape.slice(1).join(' × ')],
    ...(validation
      ? [['Validation', `${(validation.top1 * 100).toFixed(1)} % right`] as const]
      : []),
    ...(provenance?.source ? [['Source', provenance.source] as const] : []),
  ];
  return facts.flatMap(([term, text]) => [
    make('dt', { textContent: term }),
    make('dd', { textContent: text }),
  ]);
}
