import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderFiles } from '../../services/validation/report';
import { openBrowser, type WatchedPage } from '../data/browser';
import { describeWithProgram } from '../present';
import { madePictures, madeReport } from './made-report';

describeWithProgram('chromium', 'report.html in a browser', () => {
  let browser: WatchedPage;
  let url: string;
  let hostileUrl: string;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-page-'));
    const write = async (name: string, hostile: boolean) => {
      const report = madeReport({ hostile });
      const html = (await renderFiles(report, madePictures(report)))['report.html']!;
      await writeFile(join(folder, name), html);
      return `file://${join(folder, name)}`;
    };
    url = await write('report.html', false);
    hostileUrl = await write('hostile.html', true);
    browser = await openBrowser({ width: 1100, height: 900 });
  }, 120_000);
  afterAll(() => browser.close());

  const see = async (address: string, width = 1100) => {
    await browser.page.setViewportSize({ width, height: 900 });
    await browser.page.emulateMedia({ media: 'screen' });
    await browser.page.goto(address);
  };

  test.each([1100, 860, 390])('fits a window of %i pixels, with nothing beside it', async (width) => {
    await see(url, width);
    expect(await browser.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
  });

  test('cuts off no word of a plot', async () => {
    await see(url);
    expect(await browser.page.evaluate<number>(`document.querySelectorAll('svg text').length`)).toBeGreaterThan(200);
    expect(await browser.page.evaluate<string[]>(WORDS_CUT_OFF)).toEqual([]);
  });

  test('shows every picture, and every plot where its section is', async () => {
    await see(url);
    expect(
      await browser.page.evaluate<number>(`[...document.images].filter((image) => image.naturalWidth > 0).length`),
    ).toBe(16);
    const plots = await browser.page.evaluate<Record<string, number>>(
      `Object.fromEntries([...document.querySelectorAll('section')].map(({ id }) => [id, document.querySelectorAll('#' + id + ' svg').length]).filter(([, n]) => n > 0))`,
    );
    expect(plots).toEqual({
      discrimination: 2,
      'operating-point': 2,
      froc: 1,
      calibration: 2,
      decision: 1,
      strata: 1,
      champion: 1,
      probes: 10,
    });
  });

  test('reads in grey: words stand out from their ground, and marks of a plot from each other', async () => {
    await see(url);
    expect(await browser.page.evaluate<string[]>(FAINT_WORDS)).toEqual([]);
    const plots = await browser.page.evaluate<number[][]>(SHADES_OF_PLOTS);
    expect(plots.filter((shades) => shades.length > 1).length).toBeGreaterThan(15);
    for (const shades of plots) {
      const apart = shades.map((shade, i) => (shades[i + 1] ?? 1.05) / shade).slice(0, -1);
      expect(Math.min(2, ...apart)).toBeGreaterThan(1.2);
    }
    const marks = await browser.page.locator('.mark').allInnerTexts();
    expect(new Set(marks)).toEqual(new Set(['✓ pass', '✗ FAIL', '– n/a']));
  });

  test.each([
    ['A4', 595, 842],
    ['Letter', 612, 792],
  ] as const)('prints on %s, page by page', async (format, width, height) => {
    await see(url);
    const pdf = (await browser.page.pdf({ format })).toString('latin1');
    const pages = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(pages.length).toBeGreaterThan(8);
    expect(pages.length).toBeLessThan(25);
    for (const [, w, h] of pages) {
      expect(Math.abs(Number(w) - width)).toBeLessThan(2);
      expect(Math.abs(Number(h) - height)).toBeLessThan(2);
    }
  });

  test.each([688, 710])(
    'on paper of %i pixels between the margins nothing is too wide, and no contents stand',
    async (width) => {
      await see(url, width);
      await browser.page.emulateMedia({ media: 'print' });
      expect(await browser.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
      expect(await browser.page.evaluate<string[]>(WORDS_CUT_OFF)).toEqual([]);
      expect(await browser.page.locator('nav').isVisible()).toBe(false);
    },
  );

  test('runs nothing and asks for nothing, whatever the names of things are', async () => {
    await see(hostileUrl);
    expect(await browser.page.locator('script, [onload], [onerror], [onclick]').count()).toBe(0);
    expect(await browser.page.locator('h1').innerText()).toContain(`<b onload='x'>"&amp;</script>`);
    expect(await browser.page.evaluate<number>('document.styleSheets.length')).toBe(1);
    expect(browser.requests.filter((request) => !/^(file|data):/.test(request))).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});

/** Text of a plot that reaches beyond the plot. */
const WORDS_CUT_OFF = `[...document.querySelectorAll('svg text')].filter((text) => {
  const [inner, outer] = [text.getBoundingClientRect(), text.ownerSVGElement.getBoundingClientRect()];
  return inner.left < outer.left - 0.5 || inner.right > outer.right + 0.5 || inner.top < outer.top - 0.5 || inner.bottom > outer.bottom + 0.5;
}).map(({ textContent }) => textContent)`;

/** Relative luminance and contrast as WCAG 2.2 defines them: of the colours alone, whatever their hue. */
const LUMINANCE = `const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};`;

/** Words whose contrast to what is behind them is below 4.5 : 1. */
const FAINT_WORDS = `(() => { ${LUMINANCE}
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')) continue;
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    if (ink === 'none') continue;
    const [a, b] = [luminance(ink), luminance(ground(element))].sort((x, y) => x - y);
    if ((b + 0.05) / (a + 0.05) < 4.5) faint.push(element.textContent.trim().slice(0, 40));
  }
  return faint;
})()`;

/** Of each plot, luminance (+ 0.05) of the colours of its lines, bands and points, from dark to light. */
const SHADES_OF_PLOTS = `(() => { ${LUMINANCE}
  return [...document.querySelectorAll('svg')].map((svg) => {
    const marks = [...svg.querySelectorAll('[class*="mark-"]:not([class*="role-axis"]):not(.mark-text):not(.mark-group) path, .mark-rule:not([class*="role-axis"]) line')];
    const colours = new Set(marks.flatMap((mark) => {
      const { fill, stroke } = getComputedStyle(mark);
      return [fill, stroke].filter((colour) => colour !== 'none' && colour !== 'rgba(0, 0, 0, 0)');
    }));
    return [...colours].map((colour) => luminance(colour) + 0.05).sort((a, b) => a - b);
  });
})()`;
