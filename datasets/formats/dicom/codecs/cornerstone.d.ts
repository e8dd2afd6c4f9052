/** What is used of Cornerstone's decoders: OpenJPEG and CharLS compiled to WebAssembly, the wasm file in the package. */
interface CornerstoneDecoder {
  getEncodedBuffer: (length: number) => Uint8Array;
  decode: () => void;
  /** A view of the decoder's memory, gone with the next call. */
  getDecodedBuffer: () => Uint8Array;
  getFrameInfo: () => {
    width: number;
    height: number;
    bitsPerSample: number;
    componentCount: number;
    isSigned?: boolean;
  };
  delete: () => void;
}

interface CornerstoneOptions {
  print?: (line: string) => void;
  printErr?: (line: string) => void;
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const load: (options?: CornerstoneOptions) => Promise<{ J2KDecoder: new () => CornerstoneDecoder }>;
  export default load;
}

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const load: (options?: CornerstoneOptions) => Promise<{
    JpegLSDecoder: new () => CornerstoneDecoder;
    getExceptionMessage: (thrown: number) => string;
  }>;
  export default load;
}
