import fc from 'fast-check';
import { splitMultipart } from './multipart';

const body = (parts: readonly Uint8Array[], boundary: string) =>
  Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`), part]),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
const type = (boundary: string) => `multipart/related; type="application/dicom"; boundary=${boundary}`;

test('parts come back as they were sent, whatever is in them', () => {
  const part = fc.oneof(
    fc.uint8Array(),
    fc.constantFrom('\r\n', '\r\n--', '--b0', '\r\n\r\n').map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const found = splitMultipart(body(parts, 'b0und4ry'), type('"b0und4ry"'));
      expect(found?.map((bytes) => [...bytes])).toEqual(parts.map((bytes) => [...bytes]));
    }),
  );
});

test('a body that is cut off, or is none, has no parts', () => {
  const whole = body([Buffer.from('DICM')], 'b');
  for (let length = 0; length < whole.length - 4; length++) {
    expect(splitMultipart(whole.subarray(0, length), type('b'))).toBeUndefined();
  }
  expect(splitMultipart(whole, 'application/dicom')).toBeUndefined();
  expect(splitMultipart(whole, 'multipart/related')).toBeUndefined();
});
