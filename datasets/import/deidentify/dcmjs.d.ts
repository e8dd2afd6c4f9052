/** The part of dcmjs that is used here; the package ships no types. */
declare module 'dcmjs' {
  export interface DicomElement {
    vr: string;
    /** Absent or empty: a zero-length element. Sequences hold data sets, bulk data ArrayBuffers. */
    Value?: unknown[];
  }
  /** By tag, eight hexadecimal digits in capitals. */
  export type DicomElements = Record<string, DicomElement>;

  interface DicomDict {
    meta: DicomElements;
    dict: DicomElements;
    write: (options?: { fragmentMultiframe?: boolean }) => ArrayBuffer;
  }

  interface Dcmjs {
    data: {
      DicomMessage: {
        readFile: (
          buffer: ArrayBuffer,
          options?: { untilTag?: string; includeUntilTagValue?: boolean; ignoreErrors?: boolean },
        ) => DicomDict;
      };
      DicomDict: new (meta: DicomElements) => DicomDict;
      DicomMetaDictionary: { dictionary: Record<string, { vr: string; name: string } | undefined> };
    };
    log: { setLevel: (level: string) => void; getLogger: (name: string) => { setLevel: (level: string) => void } };
  }
  const dcmjs: Dcmjs;
  export default dcmjs;
}
