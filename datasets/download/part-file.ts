import { type Hash, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readJson, writeJsonDurably } from 'durable-files';

/** What a part is a part of: without the same mark its bytes are of another file. */
interface Mark {
  md5: string | null;
  /** The server's ETag or Last-Modified. */
  validator: string | null;
}

/** The bytes of a download that are there already, and their running MD5. They only ever grow at the end. */
export class PartFile {
  private hash: Hash = createHash('md5');
  length = 0;

  private constructor(
    private readonly target: string,
    private readonly handle: FileHandle,
    private mark: Mark,
  ) {}

  /** Takes up `<target>.part` where an earlier process left it, if it is of the file with this MD5. */
  static async open(target: string, md5: string | null): Promise<PartFile> {
    const handle = await open(`${target}.part`, 'a+');
    const mark = ((await readJson(`${target}.part.json`).catch(() => undefined)) ?? {
      md5: null,
      validator: null,
    }) as Mark;
    const part = new PartFile(target, handle, mark);
    // Without a checksum nor a server's mark, what is there may be of anything.
    if (mark.md5 === md5 && (md5 ?? mark.validator) !== null) await part.takeUp();
    else await part.restart({ md5, validator: null });
    return part;
  }

  get validator(): string | null {
    return this.mark.validator;
  }

  private async takeUp(): Promise<void> {
    for await (const chunk of createReadStream(`${this.target}.part`, { highWaterMark: 1 << 20 })) {
      this.hash.update(chunk as Buffer);
      this.length += (chunk as Buffer).length;
    }
  }

  async restart(mark: Partial<Mark> = {}): Promise<void> {
    await this.handle.truncate(0);
    this.hash = createHash('md5');
    this.length = 0;
    await this.keepMark(mark);
  }

  async keepMark(mark: Partial<Mark>): Promise<void> {
    this.mark = { ...this.mark, ...mark };
    await writeJsonDurably(`${this.target}.part.json`, this.mark);
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.handle.appendFile(chunk);
    this.hash.update(chunk);
    this.length += chunk.length;
  }

  md5(): string {
    return this.hash.copy().digest('hex');
  }

  /** Puts the whole file in its place. */
  async finish(): Promise<void> {
    await this.handle.sync();
    await rename(`${this.target}.part`, this.target);
    const folder = await open(dirname(this.target), 'r');
    await folder.sync();
    await folder.close();
    await rm(`${this.target}.part.json`, { force: true });
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
