// Shows the five best classes of a picture that the user chooses. The picture never leaves the page.
import { loadModel } from '@alexnet/runtime-web';

const status = document.querySelector('#status');
const input = document.querySelector('input');
const list = document.querySelector('ol');

/** @param {import('@alexnet/runtime-web').LoadOptions} options */
export async function start(options) {
  const model = await loadModel('model.onnx', {
    ...options,
    onProgress: ({ loadedBytes, totalBytes }) => {
      status.textContent = `Loading ${loadedBytes} of ${totalBytes ?? 'unknown'} bytes …`;
    },
  });
  const { device, threads } = model.info;
  status.textContent = `Ready: ${device}, threads: ${threads}`;
  input.disabled = false;
  input.addEventListener('change', async () => {
    const [picture] = input.files;
    const predictions = await model.classify(picture);
    list.replaceChildren(...predictions.map(toItem));
  });
}

/** Labels come out of the model file: they are shown as text, never as markup. */
function toItem({ label, probability }) {
  const item = document.createElement('li');
  item.textContent = `${label} ${(100 * probability).toFixed(1)} %`;
  return item;
}
