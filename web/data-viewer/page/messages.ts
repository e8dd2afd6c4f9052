import { ServerError } from './api';
import { element } from './element';

/** Says what is under way; `part` is what is done of it, left out where that is not known. */
export function showLoading(text: string, part?: number): void {
  element('loading').hidden = false;
  element('loading-text').textContent = text;
  const bar = element('loading-bar', HTMLProgressElement);
  if (part === undefined) bar.removeAttribute('value');
  else bar.value = part;
}

/** Says what was wrong and what to do. */
export function showError(error: unknown): void {
  const { code, message, hint } =
    error instanceof ServerError
      ? error
      : { code: 'VIEW_PAGE_FAILED', message: String(error), hint: 'Load the page again.' };
  const notice = element('notice');
  notice.replaceChildren(Object.assign(document.createElement('b'), { textContent: code }), `${message}. ${hint}`);
  notice.hidden = false;
}
