import type { Kept } from '../receiving/keep-plan.js';

/** Between two downloads: browsers drop one that starts together with another. */
const PAUSE_MS = 500;

/** Makes the browser save files one by one. @returns links to save them again */
export async function save(
  all: readonly Kept[],
  label: (name: string) => string,
): Promise<HTMLAnchorElement[]> {
  const links = all.map(({ name, content }) => linkTo(content, name, label(name)));
  for (const [index, link] of links.entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    link.click();
  }
  return links;
}

/** Valid until the page is closed. */
export function linkTo(content: Blob, name: string, text: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.textContent = text;
  return link;
}
