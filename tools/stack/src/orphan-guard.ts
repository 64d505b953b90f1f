import { type ChildProcess, spawn } from 'node:child_process';
import { type Socket } from 'node:net';

/**
 * A shell that outlives us only to clean up: it holds the reading end of a pipe, and when the other end closes (we
 * ended, also by kill -9), it ends the process groups still on its list, first kindly, after about 8 s by force.
 */
const script = `
groups=
while read -r op signal pid; do
  case $op in
    add) groups="$groups $signal:$pid" ;;
    del) rest=; for g in $groups; do [ "\${g#*:}" = "$pid" ] || rest="$rest $g"; done; groups=$rest ;;
  esac
done
for g in $groups; do kill -s "\${g%%:*}" -- "-\${g#*:}"; done
n=0
while [ $n -lt 40 ]; do
  left=
  for g in $groups; do kill -s 0 -- "-\${g#*:}" && left=1; done
  [ -z "$left" ] && exit 0
  sleep 0.2 || sleep 1
  n=$((n + 1))
done
for g in $groups; do kill -s KILL -- "-\${g#*:}"; done
`;

let guard: ChildProcess | undefined;

/** From now on this process group does not outlive us. */
export function guardGroup(pid: number, signal: NodeJS.Signals): void {
  tell(`add ${signal.replace(/^SIG/, '')} ${pid}\n`);
}

/** The group has ended: its number may belong to somebody else soon. */
export function unguardGroup(pid: number): void {
  tell(`del - ${pid}\n`);
}

function tell(line: string): void {
  guard ??= startGuard();
  if (guard.stdin?.writable) guard.stdin.write(line);
}

function startGuard(): ChildProcess {
  // Detached: Ctrl-C in the terminal reaches our whole group and must not reach the guard.
  const shell = spawn('/bin/sh', ['-c', script], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => undefined); // without a shell there is still the pid file of each process
  shell.stdin.on('error', () => undefined); // the guard was killed: same
  shell.unref();
  (shell.stdin as unknown as Socket).unref(); // a pipe of a child is a Socket; the types say Writable
  return shell;
}
