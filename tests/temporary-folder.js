const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Before all tests: what they and the programs that they start leave in the temporary folder goes when they end. */
module.exports = function makeTemporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'lungate-'));
  process.env.TMPDIR = folder;
  // Jest keeps a handler of its own for interrupts; an exit of any kind is enough here.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
};
