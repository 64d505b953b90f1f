import { readSandboxConfig } from './sandbox.config';
import { Sandbox } from './sandbox';

/** Starts the sandbox, says where it listens in one JSON line, and stops on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const sandbox = await new Sandbox(readSandboxConfig()).start();
  const { port, url } = sandbox;
  process.stdout.write(`${JSON.stringify({ service: 'sandbox', msg: 'listening', port, url })}\n`);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void sandbox.stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `${JSON.stringify({ service: 'sandbox', msg: 'start failed', error: message })}\n`,
  );
  process.exit(1);
});
