import loadCharls from '@cornerstonejs/codec-charls/decodewasmjs';
import loadOpenJpeg from '@cornerstonejs/codec-openjpeg/decodewasmjs';
import { Decoder as JpegLosslessDecoder } from 'jpeg-lossless-decoder-js';
import type { PixelLayout } from '../slices';
import type { StoredValues } from '../stored-values';
import { type CodeSize, jpeg2000Size, jpegSize } from './code-size';

/** Numbers of a decoded image; any error it throws means that the code is damaged. */
export type Decode = (code: Uint8Array<ArrayBuffer>, layout: PixelLayout) => Promise<StoredValues>;

const silent = { print: () => undefined, printErr: () => undefined };

export const decodeJpeg2000: Decode = async (code, layout) => {
  mustMatch(jpeg2000Size(code), layout);
  return withDecoder(await openJpeg(), code, layout);
};

export const decodeJpegLs: Decode = async (code, layout) => {
  mustMatch(jpegSize(code), layout);
  return withDecoder(await charls(), code, layout);
};

export const decodeJpegLossless: Decode = (code, layout) => {
  mustMatch(jpegSize(code), layout);
  // It takes whole buffers only.
  const decoded = new JpegLosslessDecoder().decompress(code.slice().buffer);
  return Promise.resolve(decodedNumbers(new Uint8Array(decoded), layout, false));
};

interface Codec {
  create: () => CornerstoneDecoder;
  /** A decoder that failed may have left its memory in any state: the next image gets a fresh one. */
  discard: () => void;
  explain: (thrown: unknown) => string;
}

function codec<Module>(
  load: () => Promise<Module>,
  create: (module: Module) => CornerstoneDecoder,
  explain: (module: Module, thrown: number) => string,
): () => Promise<Codec> {
  let loaded: Promise<Module> | undefined;
  return async () => {
    const module = await (loaded ??= load());
    return {
      create: () => create(module),
      discard: () => (loaded = undefined),
      explain: (thrown) => (typeof thrown === 'number' ? explain(module, thrown) : String(thrown)),
    };
  };
}

const openJpeg = codec(
  () => loadOpenJpeg(silent),
  ({ J2KDecoder }) => new J2KDecoder(),
  () => 'OpenJPEG cannot decode it',
);

const charls = codec(
  () => loadCharls(silent),
  ({ JpegLSDecoder }) => new JpegLSDecoder(),
  ({ getExceptionMessage }, thrown) => getExceptionMessage(thrown),
);

function withDecoder(codec: Codec, code: Uint8Array, layout: PixelLayout): StoredValues {
  try {
    const decoder = codec.create();
    decoder.getEncodedBuffer(code.length).set(code);
    decoder.decode();
    const { isSigned = false } = decoder.getFrameInfo();
    const numbers = decodedNumbers(decoder.getDecodedBuffer().slice(), layout, isSigned);
    decoder.delete();
    return numbers;
  } catch (thrown) {
    codec.discard();
    throw thrown instanceof Error ? thrown : new Error(codec.explain(thrown), { cause: thrown });
  }
}

function mustMatch(size: CodeSize | undefined, { rows, columns }: PixelLayout): void {
  if (!size) throw new Error('its compressed image has no header');
  if (size.components !== 1) throw new Error(`its compressed image has ${size.components} colours`);
  if (size.rows !== rows || size.columns !== columns)
    throw new Error(`its compressed image is ${size.columns} × ${size.rows}, its header says ${columns} × ${rows}`);
}

/** Decoders answer in as many bytes as the precision of the code takes, which may be fewer than BitsAllocated. */
function decodedNumbers(bytes: Uint8Array<ArrayBuffer>, { rows, columns }: PixelLayout, signed: boolean): StoredValues {
  const width = bytes.length / (rows * columns);
  if (width === 1) return signed ? new Int8Array(bytes.buffer) : bytes;
  if (width === 2) return signed ? new Int16Array(bytes.buffer) : new Uint16Array(bytes.buffer);
  if (width === 4) return signed ? new Int32Array(bytes.buffer) : new Uint32Array(bytes.buffer);
  throw new Error(`its compressed image has ${bytes.length} bytes for ${columns} × ${rows} pixels`);
}
