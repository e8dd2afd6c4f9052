import { isCodedError } from 'coded-error';
import fc from 'fast-check';
import { parseOverride } from './override-grammar';
import { expandSweep } from './sweep';

test.each([
  ['', 1, 'a key is expected'],
  ['=1', 1, 'a key is expected'],
  ['seed', 5, "'=' is expected after the key"],
  ['a b=1', 2, "' ' cannot stand in a key"],
  ['a..b=1', 1, 'a key is expected'],
  ['a@b@c=1', 4, "at most one '@'"],
  ['a=[1,2', 7, "']' is expected, and here is the end"],
  ['a=[1,,2]', 6, "a value is expected, and here is ','"],
  ['a={b}', 5, "':' is expected, and here is '}'"],
  ['a={b:1,}', 8, "a value is expected, and here is '}'"],
  ["a='it's", 7, "'s' cannot stand here"],
  ['a="open', 3, 'this quote is not closed'],
  ['a=b=c', 4, "'=' cannot stand here; put quotes around the value"],
  ['a=x]', 4, "']' cannot stand here"],
  ['a=${b', 3, "'${' is not closed"],
  ['a=log(1)', 3, "'log' is no known function"],
  ['a=range(x)', 3, 'range takes numbers'],
  ['a=range(0,1,0)', 3, 'range must end'],
])('refuses %j at column %i: %s', (line, column, reason) => {
  let error: unknown;
  try {
    parseOverride(line);
  } catch (thrown) {
    error = thrown;
  }
  expect(isCodedError(error) && error.code).toBe('CONFIG_OVERRIDE_SYNTAX');
  expect(String(error)).toContain(`column ${column}:`);
  expect(String(error)).toContain(reason);
});

test('gives back any text that stands in quotes', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const quoted = `'${text.replace(/(\\*)'/g, "$1$1\\'").replace(/(\\+)$/, '$1$1')}'`;
      expect(parseOverride(`a=${quoted}`).choices.map(({ value }) => value)).toEqual([text]);
    }),
  );
});

test('answers any line with a parse or a named error', () => {
  const line = fc.string({ unit: fc.constantFrom(...'ab1.=,[]{}()\'"\\:$ @~+/'.split('')) });
  fc.assert(
    fc.property(line, (text) => {
      try {
        parseOverride(text);
      } catch (error) {
        if (!isCodedError(error)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});

test('sweeps over every combination, the last override fastest', () => {
  expect(expandSweep(['a=1,2', 'b=x,y'])).toEqual([
    ['a=1', 'b=x'],
    ['a=1', 'b=y'],
    ['a=2', 'b=x'],
    ['a=2', 'b=y'],
  ]);
});

test('sweeps over what one value is written as', () => {
  expect(expandSweep(['~gone', "+a=[1,2],{x: 1},'p,q'", 'b=5'])).toEqual([
    ['~gone', '+a=[1,2]', 'b=5'],
    ['~gone', '+a={x: 1}', 'b=5'],
    ['~gone', "+a='p,q'", 'b=5'],
  ]);
  expect(expandSweep(['a=choice(x, y)', 'b=range(1,4)']).map((row) => row.join(' '))).toEqual([
    'a=x b=1',
    'a=x b=2',
    'a=x b=3',
    'a=y b=1',
    'a=y b=2',
    'a=y b=3',
  ]);
  expect(expandSweep([])).toEqual([[]]);
});
