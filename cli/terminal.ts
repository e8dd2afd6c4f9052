import { SingleBar } from 'cli-progress';

/** One running piece of work on the screen: a bar on a terminal, a line now and then in a log. */
export interface Progress {
  update: (done: number, total: number, note?: string) => void;
  /** Ends the bar and leaves this line in its place. */
  end: (line: string) => void;
}

const SECONDS_BETWEEN_LOG_LINES = 10;

export function startProgress(title: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? barProgress(title, stream) : logProgress(title, stream);
}

function barProgress(title: string, stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    stream,
    format: `  {title} {bar} {percentage}%  {note}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 28,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
  });
  bar.start(1, 0, { title: title.padEnd(12), note: '' });
  return {
    update(done, total, note = '') {
      bar.setTotal(total);
      bar.update(done, { note });
    },
    end(line) {
      bar.stop();
      stream.write(`${line}\n`);
    },
  };
}

function logProgress(title: string, stream: NodeJS.WriteStream): Progress {
  let lastLine = performance.now();
  stream.write(`… ${title}\n`);
  return {
    update(done, total, note = '') {
      if (performance.now() - lastLine < SECONDS_BETWEEN_LOG_LINES * 1000) return;
      lastLine = performance.now();
      stream.write(`  ${title}: ${Math.floor((100 * done) / total)} % ${note}\n`);
    },
    end(line) {
      stream.write(`${line}\n`);
    },
  };
}

/** Colours only where a person looks (https://no-color.org). */
export function paint(
  colour: 'bold' | 'dim' | 'green' | 'red',
  text: string,
  stream: NodeJS.WriteStream = process.stderr,
): string {
  if (!stream.isTTY || process.env['NO_COLOR']) return text;
  const codes = { bold: 1, dim: 2, green: 32, red: 31 };
  return `\u001b[${codes[colour]}m${text}\u001b[0m`;
}

/** A line of the command's result, on standard output; progress and errors go to standard error. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
