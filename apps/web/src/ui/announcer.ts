/** Says texts to screen readers without showing them. */
export interface Announcer {
  say(text: string): void;
}

/** Least time between two texts: in live mode a class can change many times a second. */
const INTERVAL_MS = 2000;

/** @param region - an element with `aria-live` */
export function createAnnouncer(region: HTMLElement): Announcer {
  let last = -INTERVAL_MS;
  let pending: ReturnType<typeof setTimeout> | undefined;
  return {
    say(text) {
      clearTimeout(pending);
      const wait = last + INTERVAL_MS - performance.now();
      const speak = (): void => {
        last = performance.now();
        region.textContent = text;
      };
      if (wait <= 0) speak();
      else pending = setTimeout(speak, wait);
    },
  };
}
