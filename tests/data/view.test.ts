import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Irc, LUNA_PATCH, xyzToIrc } from '../../datasets';
import { type DataViewer, openSource, startDataViewer } from '../../web/data-viewer';
import { describeWithProgram } from '../present';
import { type Picture, type WatchedPage, openBrowser, drawnPixels, pictureOf } from './browser';
import { BALL_MM, SERIES, ballXyz, elsewhereXyz, makeViewWorld, scanOf } from './view-world';

const augmentation = { flip: true, shift: 0.1, scale: 0.2, zoom: 0, rotate: true, tilt: 0, noise: 25 };
const PLANES = ['axial', 'coronal', 'sagittal'] as const;

describeWithProgram('chromium', 'the viewer in a real browser', () => {
  let dir: string;
  let viewer: DataViewer;
  let browser: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    dir = await makeViewWorld();
    const source = await openSource(dir);
    viewer = await startDataViewer({ source, patches: { contract: LUNA_PATCH, augmentation } });
    browser = await openBrowser({ width: 1280, height: 800 });
    ({ page } = browser);
    await page.goto(viewer.url);
    await shown();
  });
  afterAll(async () => {
    await browser.close();
    await viewer.close();
  });

  /** Waits until the scan is on the stage and its patches are below. */
  const shown = () => page.locator('#patches li').first().waitFor({ state: 'attached' });
  const place = () =>
    page.locator('#place').evaluate((out) => {
      const { hu, irc, xyz } = (out as unknown as { dataset: Record<string, string> }).dataset;
      return { hu: Number(hu), irc: irc!.split(',').map(Number), xyz: xyz!.split(',').map(Number) };
    });
  const current = () => page.locator('#candidates [aria-current]').innerText();

  const openScan = async (index: number) => {
    await page.locator(`#scans [data-scan="${index}"] button`).click();
    await shown();
  };

  test('opens at the first nodule, fits into 1280 × 800, and says which data it is', async () => {
    expect(await page.title()).toBe('four directions · Lungate');
    expect(await page.locator('#scans li').allInnerTexts()).toEqual(
      SERIES.map((uid) => expect.stringMatching(`${uid}\\s*1 / 3`) as unknown),
    );
    expect(await current()).toMatch(/^nodule 14\.0 mm/);
    expect(await page.locator('#candidate-count').innerText()).toBe('3 of 3');
    const overflow = await page.evaluate(
      "[document.documentElement.scrollWidth, document.documentElement.scrollHeight, document.querySelector('#help-button').getBoundingClientRect().right]",
    );
    expect(overflow).toEqual([1280, 800, expect.closeTo(1266, 0)]);
  });

  test.each(SERIES.map((uid, index) => [uid, index] as const))(
    'puts crosshair, value and marks where they belong in scan %s',
    async (uid, index) => {
      await openScan(index);
      const volume = scanOf(uid);
      for (const [candidate, xyz] of [
        [0, elsewhereXyz(uid)],
        [1, ballXyz(uid)],
      ] as const) {
        await page.locator('#candidates button').nth(candidate).click();
        const { irc, hu, xyz: told } = await place();
        expect(irc).toEqual(xyzToIrc(xyz, volume).map(Math.round));
        expect(hu).toBe(valueAt(volume.hu, volume.size, irc));
        for (const axis of [0, 1, 2]) expect(told[axis]).toBeCloseTo(xyz[axis]!, 3);
      }

      const marks = await page.locator('#marks .positive').evaluateAll((circles) =>
        circles.map((circle) => {
          const { cx, cy, r } = circle as unknown as Record<'cx' | 'cy' | 'r', { baseVal: { value: number } }>;
          return { x: cx.baseVal.value, y: cy.baseVal.value, radius: r.baseVal.value };
        }),
      );
      expect(marks).toHaveLength(PLANES.length);
      await page.keyboard.press('m');
      const picture = await pictureOf(page, '#stage');
      await page.keyboard.press('m');
      for (const [plane, mark] of marks.entries()) {
        const ball = whiteIn(picture, tileOf(plane, picture));
        const pixelsPerMm = (2 * mark.radius) / BALL_MM;
        // Within half a voxel of the coarsest axis.
        expect(Math.hypot(ball.x - mark.x, ball.y - mark.y)).toBeLessThan(0.75 * pixelsPerMm);
        expect(Math.abs(ball.radius - mark.radius)).toBeLessThan(0.75 * pixelsPerMm);
      }
    },
  );

  test('goes to the next and the previous candidate by keys, round and round, nodules only if asked', async () => {
    await openScan(0);
    const seen: string[] = [];
    for (const key of ['n', 'n', 'n', 'p', 'p', 'p']) {
      await page.keyboard.press(key);
      seen.push((await current()).split(/\s/)[0]!);
    }
    expect(seen).toEqual(['non-nodule', 'non-nodule', 'nodule', 'non-nodule', 'non-nodule', 'nodule']);
    await page.keyboard.press('f');
    expect(await page.locator('#candidates li').count()).toBe(1);
    expect(await page.locator('#marks .negative').count()).toBe(0);
    await page.keyboard.press('n');
    expect(await current()).toMatch(/^nodule/);
    await page.keyboard.press('f');
    expect(await page.locator('#candidates li').count()).toBe(3);
  });

  test('lists an annotation that no candidate lies in, and goes there', async () => {
    await openScan(1);
    expect(await page.locator('#candidate-count').innerText()).toBe('4 of 4');
    await page.keyboard.press('p');
    await page.keyboard.press('p');
    expect(await current()).toMatch(/^annotation 6\.0 mm/);
    const uid = SERIES[1]!;
    expect((await place()).irc).toEqual(xyzToIrc(elsewhereXyz(uid), scanOf(uid)).map(Math.round));
    expect(await page.locator('#marks .annotation').count()).toBe(3);
  });

  test('moves through the slices by arrow keys and by the wheel', async () => {
    await openScan(0);
    const [slice = 0] = (await place()).irc;
    await page.keyboard.press('ArrowUp');
    expect((await place()).irc[0]).toBe(slice + 1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect((await place()).irc[0]).toBe(slice - 1);
    const stage = (await page.locator('#stage').boundingBox())!;
    await page.mouse.move(stage.x + stage.width / 4, stage.y + stage.height / 2);
    await page.mouse.wheel(0, 100);
    await expectSoon(async () => Math.abs((await place()).irc[0]! - slice) !== 1);
  });

  test('shows other greys of scan and patches with another window', async () => {
    await openScan(0);
    const seen: { scan: number; patch: number }[] = [];
    for (const key of ['1', '2', '3', '4']) {
      await page.keyboard.press(key);
      seen.push({
        scan: meanGrey(await pictureOf(page, '#stage')),
        patch: meanGrey(await pictureOf(page, '#patches')),
      });
    }
    const [lung, mediastinum] = seen;
    expect(lung!.scan).toBeGreaterThan(mediastinum!.scan + 5);
    expect(lung!.patch).toBeGreaterThan(mediastinum!.patch + 5);
    expect(await page.locator('#windows [aria-checked="true"]').innerText()).toBe('Full');
    await page.keyboard.press('1');
    expect(await page.locator('#window').innerText()).toBe('-600 / 1500');
  });

  test('shows augmented patches beside the original, others for another seed', async () => {
    await openScan(0);
    expect(await page.locator('#patches figcaption').allInnerTexts()).toEqual([
      'Original',
      'Augmented 1',
      'Augmented 2',
      'Augmented 3',
      'Augmented 4',
    ]);
    const varied = await pictureOf(page, '#patches .variation >> nth=0');
    const drawn = await drawnPixels(page, '#patches .original canvas');
    expect(drawn).toHaveLength(3);
    const answered = page.waitForResponse(/patches\?.*seed=2/);
    await page.keyboard.press('r');
    await answered;
    await expectSoon(async () => !(await pictureOf(page, '#patches .variation >> nth=0')).grey.equals(varied.grey));
    // The pixels that the page drew, not the screen: scaling them may round a grey level otherwise the second time.
    expect(await drawnPixels(page, '#patches .original canvas')).toEqual(drawn);
  });

  test('shows a bad scan as an error with its code and without the folder, and the next scan all the same', async () => {
    expect(browser.complaints).toEqual([]);
    await truncate(join(dir, 'subset0', `${SERIES[3]!}.raw`), 100);
    await page.locator('#scans [data-scan="3"] button').click();
    await page.locator('#notice').waitFor();
    const notice = await page.locator('#notice').innerText();
    expect(notice).toMatch(/METAIMAGE_TRUNCATED/);
    expect(notice).not.toContain(dir);
    await openScan(2);
    expect(await page.locator('#notice').isVisible()).toBe(false);
  });

  test('asked nobody but its own server', () => {
    const others = browser.requests.filter((url) => !url.startsWith(viewer.url) && !url.startsWith('data:'));
    expect(others).toEqual([]);
  });
});

async function expectSoon(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not come to hold');
}

function valueAt(hu: ArrayLike<number>, [, rows, columns]: Irc, [slice, row, column]: readonly number[]): number {
  return hu[(slice! * rows + row!) * columns + column!]!;
}

interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where the layout of three planes puts a plane on the stage. */
function tileOf(plane: number, { width, height }: Picture): Rectangle {
  if (plane === 0) return { left: 0, top: 0, right: 0.56 * width, bottom: height };
  const top = plane === 1 ? 0 : 0.5 * height;
  return { left: 0.57 * width, top, right: width, bottom: top + 0.5 * height };
}

/** Middle and radius of all that is white there, as if it were a disc. */
function whiteIn({ width, grey }: Picture, { left, top, right, bottom }: Rectangle) {
  let [count, x, y] = [0, 0, 0];
  for (let row = Math.ceil(top); row < bottom; row++) {
    for (let column = Math.ceil(left); column < right; column++) {
      if (grey[row * width + column]! < 250) continue;
      count++;
      x += column + 0.5;
      y += row + 0.5;
    }
  }
  return { x: x / count, y: y / count, radius: Math.sqrt(count / Math.PI) };
}

function meanGrey({ grey }: Picture): number {
  return grey.reduce((sum, value) => sum + value, 0) / grey.length;
}
