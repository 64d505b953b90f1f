import { Command } from 'commander';

import type { CliContext, Terminal } from './cli-context';
import { addAuditCommands } from './commands/audit.commands';
import { addChannelCommands } from './commands/channel.commands';
import { addDoctorCommand } from './commands/doctor.command';
import { addDocumentCommands } from './commands/document.commands';
import { addKeyCommands } from './commands/key.commands';
import { addLoginCommands } from './commands/login.commands';
import { addQueueCommands } from './commands/queue.commands';
import { addTurnCommands } from './commands/turn.commands';

const EXIT_CODES = `
Exit codes: 0 done · 1 the answer is no (a check failed, an item was not applied) · 2 wrong command line, file or
environment · 3 refused by the API · 4 no valid key, or one that may not do this · 5 nobody answers`;

/** The command line: every command asks the REST API and says what it answers. */
export function programOf(context: CliContext, terminal: Terminal): Command {
  const program = new Command('carillon')
    .description(
      'Carillon from a shell: many DingTalk AI bots as one service · 命令行管理钉钉 AI 机器人',
    )
    .option('--json', 'for machines: JSON on the standard output, errors as JSON on the other')
    .option('--url <url>', 'of the API; else CARILLON_URL, else what login kept')
    .option('--tenant <tenant>', 'id or slug, with a key of the platform; else CARILLON_TENANT')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
    })
    .hook('preAction', (_, command) => {
      const { json = false, ...options } = command.optsWithGlobals<{ json?: boolean }>();
      context.isJson = json;
      context.options = options;
    });
  const add = [
    ...[addLoginCommands, addChannelCommands, addDocumentCommands, addTurnCommands],
    ...[addQueueCommands, addKeyCommands, addAuditCommands, addDoctorCommand],
  ];
  for (const commands of add) commands(program, context);
  return program;
}
