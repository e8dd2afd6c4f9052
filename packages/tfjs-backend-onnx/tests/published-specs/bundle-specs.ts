import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * One file of the specs, TF.js and this package, so that all of them share one copy of TF.js: the specs import its
 * separate files, its users the package. Lies in `node_modules`, from where what stays outside is found.
 */
export async function bundleSpecs(): Promise<string> {
  const outfile = join(__dirname, '../../../../node_modules/.cache/published-specs.cjs');
  await build({
    entryPoints: [join(__dirname, 'run-specs.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    // TF.js says that its files have no side effects, but specs are nothing else.
    ignoreAnnotations: true,
    external: ['onnxruntime-node', 'onnx-proto', 'jasmine-core'],
    logLevel: 'error',
  });
  return outfile;
}
