import fc from 'fast-check';
import { BATCH_LIMITS, splitBatch } from './batch';

const text = fc.string({ minLength: 1, maxLength: 20 });
const pair = fc.tuple(text, text);
const metric = fc.record({ key: text, value: fc.double(), timestamp: fc.nat(), step: fc.nat() });

test('every item is sent exactly once, in order, and no request is over a limit', () => {
  const batch = fc.record({
    metrics: fc.array(metric, { maxLength: 2500, size: 'max' }),
    params: fc.array(pair, { maxLength: 350, size: 'max' }),
    tags: fc.array(pair, { maxLength: 350, size: 'max' }),
  });
  fc.assert(
    fc.property(batch, ({ metrics, params, tags }) => {
      const requests = splitBatch({ metrics, params, tags });
      expect(requests.flatMap((request) => request.params.map(({ key, value }) => [key, value]))).toEqual(params);
      expect(requests.flatMap((request) => request.tags.map(({ key, value }) => [key, value]))).toEqual(tags);
      expect(requests.flatMap((request) => request.metrics.map(({ value }) => Number(value)))).toEqual(
        metrics.map(({ value }) => value),
      );
      for (const request of requests) {
        const { metrics: points, params: ownParams, tags: ownTags } = request;
        expect(ownParams.length).toBeLessThanOrEqual(BATCH_LIMITS.params);
        expect(ownTags.length).toBeLessThanOrEqual(BATCH_LIMITS.tags);
        expect(points.length + ownParams.length + ownTags.length).toBeLessThanOrEqual(BATCH_LIMITS.items);
      }
    }),
    { numRuns: 15 },
  );
});

test('long values are split by their bytes', () => {
  const tags = Array.from({ length: 10 }, (_, i): [string, string] => [`tag${i}`, 'ä'.repeat(150_000)]);
  const requests = splitBatch({ metrics: [], params: [], tags });
  expect(requests.length).toBe(4);
  for (const request of requests) {
    expect(Buffer.byteLength(JSON.stringify({ run_id: 'r'.repeat(32), ...request }))).toBeLessThanOrEqual(1_000_000);
  }
});

test('an item that no request can hold is named, and nothing is sent', () => {
  const tags: [string, string][] = [['notes', 'x'.repeat(1_000_000)]];
  expect(() => splitBatch({ metrics: [], params: [], tags })).toThrow('The tags notes alone takes');
});

test('what JSON cannot hold is written as protobuf writes it', () => {
  const metrics = [NaN, Infinity, -Infinity].map((value) => ({ key: 'loss', value, timestamp: 1, step: 1 }));
  const [request] = splitBatch({ metrics, params: [], tags: [] });
  expect(request?.metrics.map(({ value }) => value)).toEqual(['NaN', 'Infinity', '-Infinity']);
});
