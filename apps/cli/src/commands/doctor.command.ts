import type { Command } from 'commander';

import type { CliContext } from '../cli-context';
import { exitCodes } from '../exit-codes';
import { diagnose } from '../doctor/diagnose';
import { table } from '../table';

interface DoctorOptions {
  readonly skipChannels?: boolean;
}

/** Is everything in order? */
export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description(
      'stores, processes, clocks, keys, queues; each channel: DingTalk, scopes, template',
    )
    .option('--skip-channels', 'do not ask DingTalk')
    .action(async ({ skipChannels = false }: DoctorOptions) => {
      const checks = await diagnose(context, { withChannels: !skipChannels });
      const failed = checks.filter(({ ok }) => !ok);
      context.print({ ok: failed.length === 0, checks }, () =>
        [
          table(
            checks.map(({ ok, name, message, userAction }) => [
              ...[
                ok ? '✓' : '✗',
                name,
                ok || userAction === null ? message : `${message} ${userAction}`,
              ],
            ]),
          ),
          failed.length === 0
            ? context.say('allWell')
            : context.say('problems', { count: String(failed.length), all: String(checks.length) }),
        ].join('\n'),
      );
      if (failed.length > 0) context.exitCode = exitCodes.no;
    });
}
