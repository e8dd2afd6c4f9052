import fc from 'fast-check';
import { parseConfigYaml } from './config-files';
import { toYaml } from './to-yaml';

const key = fc.string().filter((name) => name !== '__proto__');
const config = fc.dictionary(
  key,
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.constantFrom('yes', 'off', 'null', '~', '010', '1e3', '1_000', '2020-01-01', '${a.b}', '12:30', '???', '<<'),
      fc.integer(),
      fc.double({ noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(key, tie('value'), { noNullPrototype: true }),
    ),
  })).value,
  { noNullPrototype: true },
);

test('reads back to the same values', () => {
  fc.assert(
    fc.property(config, (value) => {
      expect(parseConfigYaml(toYaml(value), 'config.yaml')).toEqual(value);
    }),
  );
});

test('gives equal configs equal bytes', () => {
  expect(toYaml({ b: 1, a: { d: [1], c: 2 } })).toBe(toYaml({ a: { c: 2, d: [1] }, b: 1 }));
  expect(toYaml({ b: 'yes', a: null })).toBe('a: null\nb: "yes"\n');
});
