import { ASK_PERSON, choiceIn, decisionIn } from '@common/domain';
import { storableText } from '@common/kernel';

import type { Tx } from './database';
import type { Work } from './work';

/** What a person says to what a turn asks them: by a button or command that means yes or no, or in words. */
export type PersonsWord = { readonly agrees: boolean } | { readonly words: string };

/** Characters of an answer in words. */
const LONGEST = 4_000;

interface Asked {
  readonly id: string;
  readonly name: string;
  readonly arguments: { readonly choices?: unknown };
}
interface Verdict {
  readonly state: 'confirmed' | 'declined' | 'finished';
  readonly result: string | null;
}

/**
 * Somebody answered what a waiting turn asked: it goes on. The caller holds the thread's row lock.
 * @returns null when nothing is asked (any more), or this is no answer to it
 */
export async function decideToolCall(
  tx: Tx,
  tenantId: string,
  turnId: string,
  word: PersonsWord,
): Promise<Work | null> {
  const [asked] = await tx.query<Asked & Record<string, unknown>>(
    { name: 'tool.asked', text: ASKED },
    [tenantId, turnId],
  );
  const verdict = asked && verdictOf(asked, word);
  if (!verdict) return null;
  const [row] = await tx.query<{ id: string; wake: number }>(
    { name: 'tool.decide', text: DECIDE },
    [tenantId, turnId, verdict.state, verdict.result, asked.id],
  );
  return row ? { turn: row } : null;
}

function verdictOf({ name, arguments: { choices } }: Asked, word: PersonsWord): Verdict | null {
  if ('agrees' in word && !word.agrees) return { state: 'declined', result: null };
  if (name === ASK_PERSON) {
    if ('agrees' in word || word.words.trim() === '') return null;
    const offered = Array.isArray(choices) ? choices.map(String) : [];
    const answer = choiceIn(word.words, offered).slice(0, LONGEST);
    return { state: 'finished', result: storableText(answer) };
  }
  const agrees = 'agrees' in word ? word.agrees : decisionIn(word.words);
  if (agrees === null) return null;
  return { state: agrees ? 'confirmed' : 'declined', result: null };
}

const ASKED = `
SELECT id, name, arguments FROM tool_call
 WHERE tenant_id = $1 AND turn_id = $2 AND state = 'asked' AND expires_at > now()`;

const DECIDE = `
WITH decided AS (
  UPDATE tool_call SET state = $3, result = $4, ended_at = CASE WHEN $3 = 'finished' THEN now() END
   WHERE tenant_id = $1 AND turn_id = $2 AND id = $5 AND state = 'asked' AND expires_at > now()
  RETURNING turn_id
), step AS (
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
  SELECT $1, turn_id, 'tool_decided', jsonb_build_object('decision', $3::text) FROM decided
)
UPDATE turn SET state = 'active', wake = wake + 1, woken_at = now()
 WHERE tenant_id = $1 AND id = $2 AND state = 'waiting' AND EXISTS (SELECT 1 FROM decided)
RETURNING id, wake`;
