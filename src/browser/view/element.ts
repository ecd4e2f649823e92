/** An element of the page. @throws Error if it is missing, which is a bug */
export function element<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page lacks #${id}`);
  return found;
}

/** Shows one of these parts of the page, or none. */
export function showOnly(parts: readonly HTMLElement[], shown: HTMLElement | undefined): void {
  for (const part of parts) part.hidden = part !== shown;
}

/** Resolves with the first button that is pressed. */
export function pressed(...buttons: readonly HTMLButtonElement[]): Promise<HTMLButtonElement> {
  return new Promise((resolve) => {
    for (const button of buttons) {
      button.addEventListener('click', () => resolve(button), { once: true });
    }
  });
}
