/**
 * Jest runs each test file in a realm of its own, whose Float32Array is not the one that native addons
 * (onnxruntime-node, libsql) check their arguments against. This environment gives the tests the outer
 * realm's binary types, so that an array made in a test is one that an addon accepts.
 */
const { TestEnvironment } = require('jest-environment-node');

const BINARY_TYPES = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
];

module.exports = class NativeEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of BINARY_TYPES) this.global[name] = globalThis[name];
  }
};
