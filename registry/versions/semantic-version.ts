import { digestJson } from 'durable-files';
import type { Lineage, Signature } from 'model-bundle';
import semver from 'semver';
import { registryError } from '../errors';

export type Bump = 'major' | 'minor' | 'patch';

/** What the version of a model follows from. */
export interface Provenance {
  signature: Signature;
  lineage: Lineage;
}

export const FIRST_VERSION = '1.0.0';
const ORDER: readonly Bump[] = ['patch', 'minor', 'major'];

/**
 * The step from one version to the next, and why. MAJOR: a caller would notice (inputs, outputs, labels,
 * preprocessing). MINOR: other data, split or recipe behind the same contract. PATCH: the same again.
 */
export function deriveBump(before: Provenance, after: Provenance): { bump: Bump; reason: string } {
  const parts = ['task', 'inputs', 'outputs', 'labels', 'positiveLabel', 'preprocessing'] as const;
  const changed = parts.filter((part) => differs(before.signature[part], after.signature[part]));
  if (changed.length > 0) return { bump: 'major', reason: `the contract changed (${changed.join(', ')})` };
  const causes = [
    differs(before.lineage.dataset.digest, after.lineage.dataset.digest) && 'data',
    differs(before.lineage.split.digest, after.lineage.split.digest) && 'split',
    differs(before.lineage.configDigest, after.lineage.configDigest) && 'config',
  ].filter((cause) => cause !== false);
  if (causes.length > 0) return { bump: 'minor', reason: `it was trained differently (${causes.join(', ')})` };
  const temperature = ({ lineage }: Provenance) => lineage.calibration?.temperature ?? 1;
  if (temperature(before) !== temperature(after)) {
    const step = `temperature ${temperature(before)} → ${temperature(after)}`;
    return { bump: 'patch', reason: `it was recalibrated (${step}); data and recipe are the same` };
  }
  return { bump: 'patch', reason: 'data and recipe are the same' };
}

/** The next version. `asked` may raise the derived bump; REGISTRY_BUMP_TOO_LOW where it would lower it. */
export function nextVersion(
  previous: string,
  derived: { bump: Bump; reason: string },
  asked: Bump = derived.bump,
): string {
  if (ORDER.indexOf(asked) < ORDER.indexOf(derived.bump)) {
    throw registryError('REGISTRY_BUMP_TOO_LOW', { bump: asked, reason: derived.reason, needed: derived.bump });
  }
  return semver.inc(previous, asked)!; // null only for what is no version, and `previous` was made here
}

function differs(before: unknown, after: unknown): boolean {
  return digestJson(before) !== digestJson(after);
}
