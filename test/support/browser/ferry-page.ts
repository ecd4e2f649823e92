import type { Visitor } from './visitor.js';

/** Waits until an element can be seen. */
export async function shown(visitor: Visitor, selector: string): Promise<void> {
  await visitor.page.waitForSelector(selector, { visible: true });
}

/** What stands in a field. */
export async function valueOf(visitor: Visitor, selector: string): Promise<string> {
  return await visitor.page.$eval(selector, (field) => (field as HTMLInputElement).value);
}

/** Types into a field, in place of what stands there. */
export async function fill(visitor: Visitor, selector: string, text: string): Promise<void> {
  await visitor.page.$eval(
    selector,
    (field, value) => {
      (field as HTMLInputElement).value = value;
    },
    text,
  );
}

/** Presses a button by its id. */
export async function pressOn(visitor: Visitor, selector: string): Promise<void> {
  await shown(visitor, selector);
  await visitor.page.$eval(selector, (button) => (button as HTMLElement).click());
}

/** Submits the form that a page begins with. */
export async function begin(visitor: Visitor): Promise<void> {
  await pressOn(visitor, '#begin button');
}
