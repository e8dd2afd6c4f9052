import { z } from 'zod';
import { checkConfig } from './check-config';

const schema = z.strictObject({
  seed: z.int(),
  engine: z.enum(['onnx', 'tfjs-cpu']).default('onnx'),
  trainer: z.strictObject({ max_epochs: z.int().positive(), patience: z.int().optional() }),
  optimizer: z.discriminatedUnion('name', [
    z.strictObject({ name: z.literal('sgd'), momentum: z.number() }),
    z.strictObject({ name: z.literal('adamw'), betas: z.tuple([z.number(), z.number()]) }),
  ]),
  groups: z.record(z.string(), z.strictObject({ size: z.number() })).optional(),
});
const good = { seed: 1, trainer: { max_epochs: 3 }, optimizer: { name: 'sgd', momentum: 0.9 } };

test('gives back the config as the schema reads it', () => {
  expect(checkConfig(schema, good)).toEqual({ ...good, engine: 'onnx' });
});

test('lists every problem with its path in one error', () => {
  const bad = { seed: 'x', engine: 'onx', trainer: { max_epoch: 3 }, optimizer: { name: 'adamw', betas: [1, '2'] } };
  expect(() => checkConfig(schema, bad)).toThrow(
    [
      'the config has 5 problems:',
      '  seed: Invalid input: expected number, received string',
      `  engine: Invalid option: expected one of "onnx"|"tfjs-cpu" (did you mean 'onnx'?)`,
      '  trainer.max_epochs: is missing',
      "  trainer.max_epoch: unknown key (did you mean 'max_epochs'?)",
      '  optimizer.betas.1: Invalid input: expected number, received string',
    ].join('\n'),
  );
});

test('names the nearest key inside alternatives and records', () => {
  const bad = { ...good, optimizer: { ...good.optimizer, momentun: 1 }, groups: { a: { size: 1, siz: 2 } } };
  expect(() => checkConfig(schema, bad)).toThrow(
    [
      'the config has 2 problems:',
      "  optimizer.momentun: unknown key (did you mean 'momentum'?)",
      "  groups.a.siz: unknown key (did you mean 'size'?)",
    ].join('\n'),
  );
});

test('lists the keys there are where none is near', () => {
  expect(() => checkConfig(schema, { ...good, zebra: 1 })).toThrow(
    'zebra: unknown key (known keys: seed, engine, trainer, optimizer, groups)',
  );
});

test('reports the alternative of a union that comes nearest', () => {
  const union = z.object({ augment: z.union([z.null(), z.strictObject({ flip: z.boolean(), noise: z.number() })]) });
  expect(() => checkConfig(union, { augment: { flip: true, noise: 'x' } })).toThrow('augment');
});
