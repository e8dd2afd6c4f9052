import { element } from './element';

/** Acts on keys wherever the focus is, but for where one types and while the list of keys is open. */
export function listenToKeys(actions: Readonly<Record<string, () => void>>): void {
  document.addEventListener(
    'keydown',
    (event) => {
      const { target } = event;
      const typing = target instanceof HTMLInputElement && ['search', 'number', 'range'].includes(target.type);
      const act = actions[event.key];
      if (!act || typing || event.ctrlKey || event.metaKey || event.altKey || element('help', HTMLDialogElement).open) {
        return;
      }
      event.preventDefault();
      // Niivue has keys of its own on the canvas.
      event.stopImmediatePropagation();
      act();
    },
    { capture: true },
  );
}
