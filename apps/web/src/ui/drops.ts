/** Files that are dropped anywhere on the page, or pasted. */
export interface DropOptions {
  /** Shown while files hang over the page. */
  readonly overlay: HTMLElement;
  readonly onFile: (file: File) => void;
}

/** Texts are pasted where texts are written. */
const WRITABLE = 'input, textarea, [contenteditable]';

export function acceptFiles({ overlay, onFile }: DropOptions): void {
  const accept = (data: DataTransfer | null): boolean => {
    const [file] = data?.files ?? [];
    if (file) onFile(file);
    return file !== undefined;
  };
  const hasFiles = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes('Files') ?? false;

  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) overlay.hidden = true;
  });
  addEventListener('drop', (event) => {
    overlay.hidden = true;
    if (!hasFiles(event)) return;
    // Otherwise the browser leaves the page to show the file.
    event.preventDefault();
    accept(event.dataTransfer);
  });
  addEventListener('paste', (event) => {
    const { target } = event;
    if (target instanceof Element && target.matches(WRITABLE)) return;
    if (accept(event.clipboardData)) event.preventDefault();
  });
}

/** Opens the browser's own file chooser when a button is pressed. */
export function chooseFiles(
  buttons: readonly HTMLButtonElement[],
  { input, onFile }: { readonly input: HTMLInputElement; readonly onFile: (file: File) => void },
): void {
  for (const button of buttons) button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    // The same file can be chosen again.
    input.value = '';
    if (file) onFile(file);
  });
}
