/** A file's bytes, wherever they lie: on disk, or packed in a zip archive. Nothing stays open between reads. */
export interface ByteSource {
  /** Path within the folder or archive; the file's own name where it was given by itself. */
  readonly name: string;
  /** Length when unpacked. */
  readonly size: number;
  /** Bytes from `start` to `end`, fewer where the file ends before. */
  read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;
}
