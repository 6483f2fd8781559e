import type { PlainError } from '../describe-error.ts';
import { make } from '../dom.ts';

/** Shows an error in its place, until it is put away or the next one comes. Screen readers say it at once. */
export function showError(slot: HTMLElement, { message, hint }: PlainError): void {
  const dismiss = make('button', { type: 'button', className: 'button', textContent: 'Close' });
  dismiss.addEventListener('click', () => clearError(slot));
  const notice = make('div', { className: 'notice' }, [
    make('p', { className: 'notice-message', textContent: message }),
    ...(hint === undefined ? [] : [make('p', { className: 'notice-hint', textContent: hint })]),
    dismiss,
  ]);
  notice.setAttribute('role', 'alert');
  slot.replaceChildren(notice);
}

export function clearError(slot: HTMLElement): void {
  slot.replaceChildren();
}
