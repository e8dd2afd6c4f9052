import type { Performance } from 'model-bundle';

/** For a terminal: `3.4 ms a patch (95 %: 4.1), 301 patches a second in batches of 32, 212 MB; one thread of …`. */
export function describePerformance({ latencyMs, throughput, peakMemoryMb, machine }: Performance): string {
  const milliseconds = (value: number) => value.toPrecision(value < 100 ? 2 : 3);
  return [
    `${milliseconds(latencyMs.p50)} ms a patch (95 %: ${milliseconds(latencyMs.p95)})`,
    `${throughput.patchesPerSecond.toFixed(0)} patches a second in batches of ${throughput.batch}`,
    `${peakMemoryMb.toFixed(0)} MB of memory; one thread of ${machine.processor}, ONNX Runtime ${machine.onnxruntime}`,
  ].join(', ');
}
