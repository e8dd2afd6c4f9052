/** The package's types are not in what it publishes. */
declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    /** Pixels as bytes of 8 or 16 bits, little-endian. */
    decompress: (code: ArrayBuffer) => ArrayBuffer;
  }
}
