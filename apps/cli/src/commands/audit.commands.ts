import type { Command } from 'commander';

import { answered } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { exitCodes } from '../exit-codes';

/** Who did what. */
export function addAuditCommands(program: Command, context: CliContext): void {
  const audit = program.command('audit').description('who did what');

  audit
    .command('verify')
    .description('is the chain of the audit log whole? Names the first broken row')
    .action(async () => {
      const verdict = await answered(context.client.GET('/api/v1/audit/verify'));
      const { whole, rows, firstBroken } = verdict;
      context.print(verdict, () =>
        whole || firstBroken === null
          ? context.say('chainWhole', { rows: String(rows) })
          : context.say('chainBroken', {
              seq: String(firstBroken.seq),
              id: firstBroken.id ?? '-',
              breach: firstBroken.breach,
            }),
      );
      if (!whole) context.exitCode = exitCodes.no;
    });
}
