import { CodedError, defineErrors, isCodedError, packError, unpackError } from '.';

const shopError = defineErrors({
  SOLD_OUT: { message: '{thing} is sold out', hint: 'Ask for {thing} tomorrow.', status: 409 },
  CLOSED: { message: 'the shop is closed', hint: 'Come back at nine.' },
});

test('says what was wrong and what to do, with the details filled in', () => {
  const error = shopError('SOLD_OUT', { thing: 'bread' });
  expect(error).toBeInstanceOf(CodedError);
  expect(error.toJSON()).toEqual({
    code: 'SOLD_OUT',
    message: 'bread is sold out',
    hint: 'Ask for bread tomorrow.',
  });
  expect(error.status).toBe(409);
});

test('keeps its cause and answers 500 unless the table says otherwise', () => {
  const cause = new Error('lights out');
  const error = shopError('CLOSED', {}, cause);
  expect(error.cause).toBe(cause);
  expect(error.status).toBe(500);
  expect(isCodedError(error)).toBe(true);
  expect(isCodedError(cause)).toBe(false);
});

test('is the same error on the other side of a thread', () => {
  const error = shopError('SOLD_OUT', { thing: 'bread' });
  const arrived = unpackError(structuredClone(packError(error)));
  expect(isCodedError(arrived) && arrived.toJSON()).toEqual(error.toJSON());
  expect(arrived).toMatchObject({ status: 409, details: { thing: 'bread' }, stack: error.stack });
  expect(unpackError(structuredClone(packError(new TypeError('no bread'))))).toMatchObject({ message: 'no bread' });
});
