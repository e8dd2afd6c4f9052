import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Shell that writes `pid start-time` to a file before it becomes the service: the process names itself, so there is
 * no instant at which it runs and nobody could find it. `$0` is the folder of the revision.
 */
export const NAME_ITSELF_THEN_EXEC = `
started=$(cut -d ' ' -f 22 "/proc/$$/stat" 2>/dev/null || ps -o lstart= -p "$$")
printf '%s %s\\n' "$$" "$started" > "$0/process.tmp" && mv "$0/process.tmp" "$0/process" || exit 1
[ -e "$0/cancelled" ] && exit 0
exec "$@"
`;

export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own words. A pid is used again, a pid with its start is not. */
  started: string;
}

export function parseIdentity(text: string): ProcessIdentity | null {
  const [, pid, started] = /^(\d+) (.+)\n$/.exec(text) ?? [];
  return pid === undefined || started === undefined ? null : { pid: Number(pid), started: started.trim() };
}

/** Whether this very process still runs. One that ended and was not collected yet (a zombie) does not. */
export async function isRunning({ pid, started }: ProcessIdentity): Promise<boolean> {
  return (await startOf(pid)) === started;
}

async function startOf(pid: number): Promise<string | null> {
  if (existsSync('/proc/self/stat')) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    // proc(5): the name, field 2, may hold anything; after its bracket come the state, field 3, and the start, field 22.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return !fields || fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  }
  const answer = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => null);
  const [state = 'Z', ...start] = answer?.stdout.trim().split(/\s+/) ?? [];
  return state.startsWith('Z') ? null : start.join(' ');
}
