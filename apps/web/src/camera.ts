import { AlexNetError } from '@alexnet/core';

/** A camera that shows in a video element and hands over its frames, one at a time. */
export interface Camera {
  /**
   * Asks for the camera; by default the one that looks away from a phone.
   *
   * @throws DOMException of `getUserMedia` · {@link AlexNetError} `UNSUPPORTED` where pages may have no camera
   */
  start(): Promise<void>;
  stop(): void;
}

export interface CameraOptions {
  /** Takes what the video shows now; the next frame waits for it. */
  readonly onFrame: (video: HTMLVideoElement) => Promise<void>;
  /** The camera went away by itself: unplugged, or its permission taken back. */
  readonly onEnd: () => void;
}

export function createCamera(video: HTMLVideoElement, { onFrame, onEnd }: CameraOptions): Camera {
  let stream: MediaStream | null = null;

  const run = async (own: MediaStream): Promise<void> => {
    while (stream === own) {
      await nextFrame(video);
      if (stream === own) await onFrame(video);
    }
  };
  const stop = (): void => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
  };
  return {
    async start() {
      stop();
      const own = await requestStream();
      stream = own;
      for (const track of own.getTracks()) {
        track.addEventListener('ended', () => {
          if (stream !== own) return;
          stop();
          onEnd();
        });
      }
      video.srcObject = own;
      await video.play();
      void run(own);
    },
    stop,
  };
}

function requestStream(): Promise<MediaStream> {
  // Absent on pages that are neither https nor local, whatever the types say.
  if (!('mediaDevices' in navigator)) {
    throw new AlexNetError('UNSUPPORTED', {
      message: 'The browser gives pages without https no camera.',
      hint: 'Open the page at an https address or on localhost, or choose a picture.',
    });
  }
  return navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment', width: { ideal: 640 }, height: { ideal: 480 } },
  });
}

/** Waits until the video shows something new; never in a tab that nobody sees. */
function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => resolve());
    else requestAnimationFrame(() => resolve());
  });
}
