import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, chromium } from 'playwright-core';

/** Debian's Chromium, drawing without a graphics card, and asking nothing of anyone by itself. */
const ARGUMENTS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page in a browser of its own, and all it complained of and asked for. */
export interface WatchedPage {
  page: Page;
  complaints: string[];
  requests: string[];
  close: () => Promise<void>;
}

export async function openBrowser(viewport: { width: number; height: number }): Promise<WatchedPage> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: ARGUMENTS,
    viewport,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  return {
    page,
    complaints,
    requests,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** What a part of the page looks like: `[height, width]` grey values, 0 where it is no grey. */
export interface Picture {
  width: number;
  height: number;
  grey: Buffer;
}

/** Takes a screenshot of a part of the page. The browser that drew it also decodes it. */
export async function pictureOf(page: Page, selector: string): Promise<Picture> {
  const clip = await page.locator(selector).boundingBox();
  if (!clip) throw new Error(`${selector} is not to be seen`);
  const png = (await page.screenshot({ clip })).toString('base64');
  const { width, height, grey } = await page.evaluate(decodeInPage, `data:image/png;base64,${png}`);
  return { width, height, grey: Buffer.from(grey, 'latin1') };
}

/** The pixels that canvases hold, to the bit and before they are scaled to the screen, as PNG in data URLs. */
export function drawnPixels(page: Page, selector: string): Promise<string[]> {
  return page
    .locator(selector)
    .evaluateAll((canvases) =>
      canvases.map((canvas) => (canvas as unknown as { toDataURL: () => string }).toDataURL()),
    );
}

/** Runs in the page. The greys go back as the letters of a text: an array of numbers would take many times as long. */
async function decodeInPage(url: string): Promise<{ width: number; height: number; grey: string }> {
  const { Image, document } = globalThis as unknown as BrowserGlobals;
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  const { width, height } = Object.assign(canvas, { width: image.width, height: image.height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  let grey = '';
  for (let i = 0; i < data.length; i += 4) {
    grey += String.fromCharCode(data[i] === data[i + 1] && data[i] === data[i + 2] ? data[i]! : 0);
  }
  return { width, height, grey };
}

/** The few things of a browser that this file uses: Node's types know none of them. */
interface BrowserGlobals {
  Image: new () => { src: string; width: number; height: number; decode: () => Promise<void> };
  document: {
    createElement: (tag: 'canvas') => {
      getContext: (
        kind: '2d',
        options: { willReadFrequently: boolean },
      ) => {
        drawImage: (image: unknown, x: number, y: number) => void;
        getImageData: (x: number, y: number, width: number, height: number) => { data: Uint8ClampedArray };
      };
    };
  };
}
