import { type Locale, numbered, say } from '@common/domain';

import type { Asking } from '../tools/suspension';

/** Characters of a tool's arguments that a person is shown. */
const SHOWN_ARGUMENTS = 500;

/** What a person reads who is to agree to something, or to answer. */
export function questionTo(asks: Asking, locale: Locale): string {
  if ('tool' in asks) {
    const args = JSON.stringify(asks.args).slice(0, SHOWN_ARGUMENTS).replaceAll('`', '');
    return say('toolAsks', locale, { tool: asks.tool, args: `\`${args}\`` });
  }
  const { question, choices } = asks;
  return choices.length === 0
    ? say('agentAsks', locale, { question })
    : say('agentAsksToChoose', locale, { question, choices: numbered(choices) });
}
