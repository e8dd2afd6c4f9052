/**
 * Bundled by `published-specs.long.test.ts` and run in a process of its own: TF.js's published specs against one backend.
 * `node bundle.cjs <backend> <file for the outcome> [part of a name]`
 */
import { writeFileSync } from 'node:fs';
import { jasmineOfSpecs } from './boot-jasmine';
import { backendUnderTest, partOfName } from './set-up-backend';
import '@tensorflow/tfjs-core/dist/tests';
import type { SpecOutcome } from './outcome';

const [, , , outcomeFile] = process.argv;
const outcome: SpecOutcome = { passed: [], failed: {}, fallbacks: {} };

/** Without the backend's name, so that two backends can be compared, and with a number where another spec has it too. */
function nameOf(fullName: string): string {
  const name = fullName.replaceAll(` test-${backendUnderTest.name} {}`, '');
  const seen = (timesSeen.get(name) ?? 0) + 1;
  timesSeen.set(name, seen);
  return seen === 1 ? name : `${name} (${seen})`;
}
const timesSeen = new Map<string, number>();

const environment = jasmineOfSpecs.getEnv();
environment.configure({
  random: false,
  specFilter: (spec) => partOfName === undefined || spec.getFullName().includes(partOfName),
});
environment.addReporter({
  specDone({ status, fullName, failedExpectations }) {
    const name = nameOf(fullName);
    if (status === 'passed') outcome.passed.push(name);
    if (status === 'failed') outcome.failed[name] = failedExpectations.map(({ message }) => message).join('\n');
  },
});
void Promise.resolve(environment.execute()).then(() => {
  outcome.fallbacks = Object.fromEntries(backendUnderTest.fallbacks());
  writeFileSync(outcomeFile!, JSON.stringify(outcome));
  process.exit(0);
});
