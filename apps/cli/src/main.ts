import { readEnvironment } from './environment';
import { runCli } from './run-cli';

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
};
/** EX_SOFTWARE of sysexits.h: a bug of ours. */
const EXIT_BUG = 70;

// Whoever reads only the first lines closes the pipe: that is no failure.
process.stdout.on('error', (error: { code?: string }) =>
  process.exit(error.code === 'EPIPE' ? 0 : EXIT_BUG),
);

runCli(process.argv.slice(2), readEnvironment(), terminal).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    terminal.err(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = EXIT_BUG;
  },
);
