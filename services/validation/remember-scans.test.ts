import type { Dataset, Volume } from '../../datasets';
import { rememberScans } from './remember-scans';

const reads: string[] = [];
const dataset = {
  dir: 'somewhere',
  volume: (uid: string) => {
    reads.push(uid);
    if (uid === 'broken') return Promise.reject(new Error('broken'));
    return Promise.resolve({ hu: new Int16Array(50) } as unknown as Volume);
  },
} as Dataset;
beforeEach(() => {
  reads.length = 0;
});

test('a scan is read once, also when it is asked for twice at a time', async () => {
  const { volume, dir } = rememberScans(dataset);
  const [first, second] = await Promise.all([volume('a'), volume('a')]);
  expect(await volume('a')).toBe(first);
  expect(second).toBe(first);
  expect(reads).toEqual(['a']);
  expect(dir).toBe('somewhere');
});

test('memory holds so many bytes: what was asked for longest ago goes first', async () => {
  const { volume } = rememberScans(dataset, 250);
  for (const uid of ['a', 'b', 'a', 'c', 'a', 'b']) await volume(uid);
  expect(reads).toEqual(['a', 'b', 'c', 'b']);
});

test('a scan that could not be read is tried again', async () => {
  const { volume } = rememberScans(dataset);
  await expect(volume('broken')).rejects.toThrow('broken');
  await expect(volume('broken')).rejects.toThrow('broken');
  expect(reads).toEqual(['broken', 'broken']);
});
