import { join } from 'node:path';
import { LUNA_PATCH, type Xyz, xyzToIrc } from '../../datasets';
import { openSource, startDataViewer } from '../../web/data-viewer';
import { describeWithProgram, describeWithSharedData } from '../present';
import { openBrowser } from './browser';

describeWithProgram('chromium', 'a real chest CT in a real browser', () => {
  describeWithSharedData('from its DICOM zip', (shared) => {
    test('shows at every place the value that our reader reads there', async () => {
      const source = await openSource(join(shared, 'ct-lung-dicom.zip'));
      expect(source).toMatchObject({ labels: null, scans: [{ candidates: [] }] });
      const volume = await source.volume(0);
      const viewer = await startDataViewer({ source, patches: { contract: LUNA_PATCH, augmentation: null } });
      const { page, complaints, close } = await openBrowser({ width: 1280, height: 800 });
      try {
        await page.goto(viewer.url);
        await page.locator('#patches li').first().waitFor({ state: 'attached', timeout: 120_000 });
        const seen = new Set<number>();
        for (const key of ['ArrowUp', 'ArrowUp', 'ArrowDown', 'l', 'l', 'ArrowUp', 'l', 'ArrowUp']) {
          await page.keyboard.press(key);
          const told = await page.locator('#place').evaluate((out) => {
            const { hu, xyz } = (out as unknown as { dataset: Record<string, string> }).dataset;
            return { hu: Number(hu), xyz: xyz!.split(',').map(Number) };
          });
          const [slice, row, column] = xyzToIrc(told.xyz as unknown as Xyz, volume).map(Math.round) as [
            number,
            number,
            number,
          ];
          expect(told.hu).toBe(volume.hu[(slice * volume.size[1] + row) * volume.size[2] + column]);
          seen.add(slice * 1e6 + row * 1e3 + column);
        }
        expect(seen.size).toBe(4);
        // Nothing but the original: training does not vary its patches here.
        expect(await page.locator('#patches li').count()).toBe(1);
        expect(complaints).toEqual([]);
      } finally {
        await close();
        await viewer.close();
      }
    });
  });
});
