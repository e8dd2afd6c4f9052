import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { digestJson, writeFileDurably } from 'durable-files';
import { z } from 'zod';
import { validationError } from '../errors';
import { ruleSchema, type Suite } from '../suite';
import { parseYaml, readYamlFile } from '../yaml-file';

const text = z.string().min(1);

/** Laid out as in FDA's guidance on predetermined change control plans for AI-enabled device software (December 2024). */
const changeControlSchema = z.strictObject({
  /** What may change under the plan; nothing else may. */
  modifications: z
    .array(
      z.strictObject({
        what: text,
        /** The step of the version. A MAJOR one changes what callers see, and no plan covers it. */
        step: z.enum(['patch', 'minor']),
        benefit: text,
        risk: text,
        /** Names of the rules that would catch that risk. */
        caughtBy: z.array(text).min(1),
      }),
    )
    .min(1),
  /** What needs a new submission, beside every MAJOR version. */
  outsideThePlan: z.array(text),
  /** What people do when a model fails, before and after it is in use. */
  onFailure: z.array(text),
  responsibilities: z.array(z.strictObject({ who: text, does: text })).min(1),
});

const policySchema = z
  .strictObject({
    name: z.string().min(1),
    /** The registered name of the models that this policy judges. */
    model: z.string().min(1),
    /** What must hold beside the suite's primary criterion. */
    rules: z.array(ruleSchema),
    /** What a person says of changes; `lungate gate explain` joins it with what follows from suite and rules. */
    changeControl: changeControlSchema.optional(),
  })
  .refine(({ rules }) => new Set(rules.map(({ name }) => name)).size === rules.length, {
    path: ['rules'],
    error: 'two rules have the same name',
  });
export type Policy = z.infer<typeof policySchema>;

/**
 * Where the policy of a suite lies when nothing else is said: `gate/x.yaml` for `suite/x.yaml`, as in configs/, and
 * `x.gate.yaml` beside any other `x.yaml`.
 */
export function policyBeside(suitePath: string): string {
  const folder = dirname(suitePath);
  const file = basename(suitePath);
  if (basename(folder) === 'suite') return join(folder, '..', 'gate', file);
  return join(folder, `${basename(file, extname(file))}.gate.yaml`);
}

/**
 * Reads a policy file.
 *
 * @throws VALIDATION_POLICY_MISSING, VALIDATION_POLICY_INVALID (names every wrong field)
 */
export async function readPolicy(path: string): Promise<Policy> {
  return parseYaml(policySchema, (await readYamlFile(path, 'POLICY')).toJS(), path, 'POLICY');
}

/** What the policy asks for, as one digest: comments and the order of keys do not change it. */
export function policyDigest(policy: Policy): string {
  return digestJson(policy);
}

/** A policy of another model must not judge this one. @throws VALIDATION_POLICY_OF_OTHER_MODEL */
export function assertPolicyOfSuite(policy: Policy, suite: Suite): void {
  if (policy.model !== suite.model) {
    const details = { policy: policy.name, model: policy.model, suite: suite.name, judged: suite.model };
    throw validationError('VALIDATION_POLICY_OF_OTHER_MODEL', details);
  }
}

/**
 * Gives a suite its policy: a copy of the template's for this model, comments kept. A policy that lies there is a
 * person's own and stays as it is.
 *
 * @returns whether one was written
 * @throws VALIDATION_POLICY_MISSING, VALIDATION_POLICY_INVALID, VALIDATION_POLICY_OF_OTHER_MODEL
 */
export async function writePolicyFor(
  suite: Suite,
  { templatePath, policyPath }: { templatePath: string; policyPath: string },
): Promise<boolean> {
  if (existsSync(policyPath)) {
    assertPolicyOfSuite(await readPolicy(policyPath), suite);
    return false;
  }
  const document = await readYamlFile(templatePath, 'POLICY');
  // A policy that was called as its model goes on being so.
  if (document.get('name') === document.get('model')) document.set('name', suite.model);
  document.set('model', suite.model);
  parseYaml(policySchema, document.toJS(), templatePath, 'POLICY');
  await writeFileDurably(policyPath, document.toString({ lineWidth: 120, flowCollectionPadding: false }));
  return true;
}
