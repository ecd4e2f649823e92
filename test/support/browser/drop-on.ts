import type { Page } from 'puppeteer-core';

/**
 * Drops files and folders of this machine on an element, as a file manager does: the page gets a real
 * DataTransfer. Needs Chromium's own protocol.
 */
export async function dropOn(
  page: Page,
  selector: string,
  paths: readonly string[],
): Promise<void> {
  const field = await page.waitForSelector(selector, { visible: true });
  await field?.scrollIntoView();
  const box = await field?.boundingBox();
  if (box === null || box === undefined) throw new Error(`${selector} cannot be seen`);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const protocol = await page.createCDPSession();
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await protocol.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await protocol.detach();
}
