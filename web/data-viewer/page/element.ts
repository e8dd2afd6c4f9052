/** The element of the page with this id. */
export function element(id: string): HTMLElement;
/** The same of a kind that the page's HTML gives it. */
export function element<Kind extends Element>(id: string, kind: new () => Kind): Kind;
export function element(id: string, kind: new () => Element = HTMLElement): Element {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`the page has no ${kind.name} #${id}`);
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** A row of buttons of which one is chosen. */
export function radioButtons(group: HTMLElement, names: readonly string[], onChoose: (index: number) => void): void {
  group.replaceChildren(
    ...names.map((name, index) => {
      const button = document.createElement('button');
      button.textContent = name;
      button.setAttribute('role', 'radio');
      button.addEventListener('click', () => {
        onChoose(index);
      });
      return button;
    }),
  );
}

/** Marks the chosen button; none where the index is not one of them. */
export function choose(group: HTMLElement, index: number): void {
  [...group.children].forEach((button, i) => {
    button.setAttribute('aria-checked', String(i === index));
  });
}

/** One line of a list: a shape, a name, and something after it. */
export function listItem(
  shape: SVGElement | null,
  name: string,
  more: string,
  title: string,
  onClick: () => void,
): HTMLLIElement {
  const item = document.createElement('li');
  const button = item.appendChild(document.createElement('button'));
  button.title = title;
  if (shape) button.append(shape);
  for (const [kind, text] of [
    ['name', name],
    ['more', more],
  ] as const) {
    const span = button.appendChild(document.createElement('span'));
    span.className = kind;
    span.textContent = text;
  }
  button.addEventListener('click', onClick);
  return item;
}

/** Marks one line of a list as the current one, and scrolls it into view. */
export function setCurrent(list: HTMLElement, current: Element | undefined): void {
  list.querySelector('[aria-current]')?.removeAttribute('aria-current');
  const button = current?.querySelector('button');
  button?.setAttribute('aria-current', 'true');
  button?.scrollIntoView({ block: 'nearest' });
}
