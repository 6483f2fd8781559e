import { createCamera } from '../camera.ts';
import { describeCameraError, describeError } from '../describe-error.ts';
import { find, make } from '../dom.ts';
import { closePicture, keepFrame, openPicture, type StillPicture } from '../still-picture.ts';
import { chooseFiles } from './drops.ts';
import { clearError, showError } from './notice.ts';

export interface PicturePanelOptions {
  readonly onPicture: (picture: StillPicture) => void;
  /** Takes a frame of the running camera; the next one waits for it. */
  readonly onFrame: (video: HTMLVideoElement) => Promise<void>;
}

/** Where pictures come from, and where they are shown. */
export interface PicturePanel {
  /** Opens a picture file, wherever it came from. */
  open(file: File): void;
}

/** Drawings that ship with the page. */
const DRAWINGS = ['sunflower', 'daisy', 'tulip'] as const;

type Shown = 'nothing' | 'picture' | 'camera';

export function createPicturePanel({ onPicture, onFrame }: PicturePanelOptions): PicturePanel {
  const slot = find('picture-error', HTMLElement);
  const video = find('camera-video', HTMLVideoElement);
  const place = find('picture-place', HTMLElement);
  const start = find('start-camera', HTMLButtonElement);
  const show = createStage();
  let shown: StillPicture | null = null;

  const camera = createCamera(video, {
    onFrame,
    onEnd: () => {
      show(shown ? 'picture' : 'nothing');
      showError(slot, { message: 'The camera went away.', hint: 'Connect it and start it again.' });
    },
  });
  const present = (picture: StillPicture): void => {
    camera.stop();
    place.replaceChildren(picture.image);
    if (shown) closePicture(shown);
    shown = picture;
    show('picture');
    onPicture(picture);
  };
  const attempt = async (action: () => Promise<void>, describe = describeError): Promise<void> => {
    clearError(slot);
    await action().catch((error: unknown) => showError(slot, describe(error)));
  };
  const open = (file: File): void => {
    void attempt(async () => present(await openPicture(file, file.name)));
  };

  chooseFiles([find('drop-zone', HTMLButtonElement), find('choose-picture', HTMLButtonElement)], {
    input: find('picture-file', HTMLInputElement),
    onFile: open,
  });
  start.addEventListener('click', () =>
    attempt(async () => {
      await camera.start();
      show('camera');
      find('stop-camera', HTMLButtonElement).focus();
    }, describeCameraError),
  );
  find('stop-camera', HTMLButtonElement).addEventListener('click', () => {
    camera.stop();
    show(shown ? 'picture' : 'nothing');
    start.focus();
  });
  find('capture-frame', HTMLButtonElement).addEventListener('click', () =>
    attempt(async () => {
      present(await keepFrame(video, 'a frame of the camera'));
      start.focus();
    }),
  );
  addDrawings((image, name) => attempt(async () => present(await keepFrame(image, name))));
  return { open };
}

/** Shows one of the three things that the stage can show, with its buttons. */
function createStage(): (shown: Shown) => void {
  const places = {
    nothing: [find('drop-zone', HTMLElement)],
    picture: [find('picture-place', HTMLElement)],
    camera: [
      find('camera-video', HTMLElement),
      find('stop-camera', HTMLElement),
      find('capture-frame', HTMLElement),
    ],
  } as const satisfies Record<Shown, readonly HTMLElement[]>;
  const start = find('start-camera', HTMLElement);
  return (shown) => {
    for (const [name, elements] of Object.entries(places)) {
      for (const element of elements) element.hidden = name !== shown;
    }
    start.hidden = shown === 'camera';
  };
}

function addDrawings(onDrawing: (image: HTMLImageElement, name: string) => void): void {
  const group = find('samples', HTMLElement);
  for (const name of DRAWINGS) {
    const image = make('img', { src: `./drawings/${name}.svg`, alt: `A drawn ${name}` });
    const button = make('button', { type: 'button', className: 'sample' }, [image]);
    button.addEventListener('click', () => onDrawing(image, `a drawn ${name}`));
    group.append(button);
  }
}
