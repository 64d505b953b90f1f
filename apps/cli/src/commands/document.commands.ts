import { readFileSync, writeFileSync } from 'node:fs';

import type { Command } from 'commander';
import { parse } from 'yaml';

import { answered, type components } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { CliError } from '../cli.errors';
import { exitCodes } from '../exit-codes';
import { withSecrets } from './with-secrets';

type Item = components['schemas']['ApplyResult']['items'][number];
interface ApplyOptions {
  readonly file: string;
  readonly dryRun?: boolean;
}
interface ExportOptions {
  readonly output?: string;
  readonly kinds?: string;
}

/** Configuration as a document; also under `channels`, where people look for it. */
export function addDocumentCommands(program: Command, context: CliContext): void {
  const channels = program.commands.find((command) => command.name() === 'channels');
  for (const parent of [program, channels ?? program]) {
    parent
      .command('apply')
      .description('make what is configured look like a document (YAML)')
      .requiredOption('-f, --file <file>', 'the document; - is the standard input')
      .option('--dry-run', 'say what would change, and do nothing')
      .action((options: ApplyOptions) => apply(context, options));
    parent
      .command('export')
      .description('what is configured, as a document; without secrets')
      .option('-o, --output <file>', 'write it there')
      .option('--kinds <kinds>', 'some of models,toolServers,agents,channels')
      .action((options: ExportOptions) => exportTo(context, options));
  }
}

async function apply(context: CliContext, { file, dryRun = false }: ApplyOptions): Promise<void> {
  const { document, missing } = withSecrets(read(context, file), context.environment);
  if (missing.length > 0)
    throw new CliError(context.say('missingVariable', { names: missing.join(', ') }));
  const result = await answered(
    context.client.POST('/api/v1/apply', {
      params: { query: { dryRun: String(dryRun) } },
      body: document as never,
    }),
  );
  context.print(result, () =>
    [
      ...result.items.map((item) => wordsOf(item, context)),
      context.say(result.dryRun ? 'dryRun' : 'done'),
    ].join('\n'),
  );
  if (result.failed > 0) context.exitCode = exitCodes.no;
}

async function exportTo(context: CliContext, { output, kinds }: ExportOptions): Promise<void> {
  const query = {
    format: context.isJson ? ('json' as const) : ('yaml' as const),
    ...(kinds === undefined ? {} : { kinds }),
  };
  const text = await answered(
    context.client.GET('/api/v1/export', { params: { query }, parseAs: 'text' }),
  );
  if (output === undefined) context.raw(String(text));
  else writeFileSync(output, String(text));
}

function read(context: CliContext, file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    // Whatever the reason, the file is what has to be put right.
    throw new CliError(
      `${context.say('unreadable', { file })} (${String((error as { code?: string }).code)})`,
    );
  }
  try {
    return parse(text) as unknown;
  } catch (error) {
    const [why = ''] = (error as Error).message.split('\n');
    throw new CliError(context.say('badYaml', { file, why }));
  }
}

const SIGNS = { create: '+', update: '~', unchanged: ' ' } as const;

function wordsOf({ action, kind, name, changes, error }: Item, { say }: CliContext): string {
  const told = changes.filter(({ path }) => action === 'update' || path === '');
  return [
    `${error ? '✗' : SIGNS[action]} ${say(action)} ${kind} ${name}`,
    ...(error ? [`    ${error.message} (${error.code})`] : []),
    ...told.map(({ path, before, after }) => `    ${path}: ${shown(before)} → ${shown(after)}`),
  ].join('\n');
}

const shown = (value: unknown): string => JSON.stringify(value) ?? '';
