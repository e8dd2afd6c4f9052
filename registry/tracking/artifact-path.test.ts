import fc from 'fast-check';
import { safeArtifactPath } from './artifact-path';

test.each(['model.onnx', '1/abc/artifacts/report.html', 'a b/ü.txt', '..a/b..', '.hidden', '100%25.txt'])(
  '%s is a path',
  (path) => {
    expect(safeArtifactPath(encodeURI(path).replaceAll('%2525', '%25'))).toBe(decodeURI(path));
  },
);

test.each([
  ['the way up', '../x'],
  ['the way up, within', 'a/../../x'],
  ['the way up, encoded', '%2e%2e/x'],
  ['the way up, slash encoded', '..%2fx'],
  ['the way up, encoded twice', '%252e%252e%252fx'],
  ['the way up, encoded thrice', '%25252e%25252e/x'],
  ['the way up, with a space', '..%20/x'],
  ['a dot', 'a/./b'],
  ['absolute', '/etc/passwd'],
  ['absolute, encoded', '%2fetc/passwd'],
  ['a drive', 'C:/x'],
  ['a drive, relative', 'c:x'],
  ['backslashes', '..\\x'],
  ['backslashes, encoded', '..%5cx'],
  ['a share', '%5c%5chost%5cshare'],
  ['NUL', 'a%00.txt'],
  ['a line break', 'a%0ab'],
  ['a fragment', 'a%23/../x'],
  ['an address', 'file:///etc/passwd'],
  ['an empty part', 'a//b'],
  ['a trailing slash', 'a/'],
  ['nothing', ''],
  ['broken encoding', 'a%zz'],
  ['an overlong dot', '%c0%ae%c0%ae/x'],
  ['too long', 'a'.repeat(2000)],
])('%s is refused', (_, path) => {
  expect(() => safeArtifactPath(path)).toThrow(/^The artifact path .* is refused/);
});

test('whatever is accepted stays below its root', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('.', '/', '%', '2', 'e', 'f', '5', 'c', 'a', '\\') }), (text) => {
      let path: string;
      try {
        path = safeArtifactPath(text);
      } catch {
        return;
      }
      expect(new URL(path, 'http://host/root/').pathname.startsWith('/root/')).toBe(true);
    }),
  );
});
