import type { Evidence, TurnRow } from './evidence';
import type { Question } from './crowd';
import { groupBy } from './group-by';
import { endMarkOf, marksIn, threadOf } from './marks';

/** One broken promise, named by its number. */
export interface Finding {
  readonly promise: string;
  readonly what: string;
}

/** Judges a run by the promises of the design. Pure: the same evidence, the same findings. */
export function judge(evidence: Evidence): Finding[] {
  return [
    ...everyAcknowledgedOnceInOneTurn(evidence),
    ...oneVisibleEndEach(evidence),
    ...fewOnTheDesk(evidence),
    ...nothingStaysOpen(evidence),
    ...inOrder(evidence),
    ...noForeignWords(evidence),
    ...withinBudget(evidence),
    ...noSecrets(evidence),
    ...healthyAtTheEnd(evidence),
    ...platformRules(evidence),
  ];
}

const finding = (promise: string, what: string): Finding => ({ promise, what });

function everyAcknowledgedOnceInOneTurn({ questions, acknowledged, turns }: Evidence): Finding[] {
  const byMessage = groupBy(turns, ({ msgId }) => msgId);
  return questions.flatMap(({ mark, msgId }) => {
    const count = byMessage.get(msgId)?.length ?? 0;
    if (count > 1) return [finding('P2', `${mark} is in ${count} turns`)];
    if (count === 0 && acknowledged.get(msgId))
      return [finding('P1', `${mark} was acknowledged and is in no turn`)];
    if (count === 0) return [finding('P4', `${mark} was never taken`)];
    return [];
  });
}

function oneVisibleEndEach(evidence: Evidence): Finding[] {
  const turnOf = new Map(evidence.turns.map((turn) => [turn.msgId, turn]));
  return evidence.questions.flatMap((question) => {
    const turn = turnOf.get(question.msgId);
    return turn ? endsOf(evidence, question, turn) : [];
  });
}

function endsOf(
  { entries }: Evidence,
  { mark, conversationId }: Question,
  turn: TurnRow,
): Finding[] {
  if (!['delivered', 'failed', 'cancelled'].includes(turn.state))
    return [finding('P4', `the turn of ${mark} stays ${turn.state}`)];
  const sign = turn.outcome === 'answered' ? endMarkOf(mark) : turn.id.slice(0, 8);
  const shown = (entries.get(conversationId) ?? []).filter(
    ({ kind, text = '' }) => kind !== 'user' && text.includes(sign),
  );
  const allowed = turn.possibly_twice ? 2 : 1;
  if (shown.length > allowed)
    return [finding('P2', `${mark} (${turn.outcome}) is shown ${shown.length} times`)];
  if (shown.length === 0 && !isOnTheDesk(turn))
    return [finding('P4', `${mark} (${turn.outcome}, ${turn.delivery_state}) is shown nowhere`)];
  return [];
}

/**
 * The residual of P4: the platform twice did not say whether it took the text. A third time could be the third that the
 * reader sees, so an operator decides.
 */
export const isOnTheDesk = (turn: TurnRow): boolean =>
  turn.delivery_state === 'undelivered' &&
  turn.delivery_code === 'unknown_outcome' &&
  turn.possibly_twice;

/** Two breaks for one text are rare, or they are no accident. */
function fewOnTheDesk({ turns, questions }: Evidence): Finding[] {
  const count = turns.filter(isOnTheDesk).length;
  return count > Math.max(1, questions.length / 100)
    ? [finding('P4', `${count} answers are only on the desk of what could not be delivered`)]
    : [];
}

function nothingStaysOpen({ openCards, openRows }: Evidence): Finding[] {
  return [
    ...openCards.map(({ outTrackId, state }) => finding('P4', `card ${outTrackId} stays ${state}`)),
    ...(openRows === '' ? [] : [finding('P4', `rows that are not at their end: ${openRows}`)]),
  ];
}

function inOrder({ turns }: Evidence): Finding[] {
  const findings: Finding[] = [];
  for (const lane of groupBy(turns, ({ thread_id }) => thread_id).values()) {
    const ran = lane.filter(({ activated_at }) => activated_at !== null);
    ran.sort((one, other) => one.seq - other.seq);
    for (const [n, turn] of ran.entries()) {
      const next = ran[n + 1];
      if (!next?.activated_at || !turn.ended_at) continue;
      if (next.activated_at < turn.ended_at)
        findings.push(finding('P3', `turn ${next.id} began before ${turn.id} had ended`));
    }
  }
  return findings;
}

/** What a model is sent comes from one thread alone. */
function noForeignWords({ modelRequests }: Evidence): Finding[] {
  return modelRequests.flatMap((messages) => {
    const threads = new Set(messages.flatMap(marksIn).map(threadOf));
    return threads.size > 1 ? [finding('P6', `one context of ${[...threads].join(' and ')}`)] : [];
  });
}

function withinBudget({ calls }: Evidence): Finding[] {
  const tooFast = calls.filter(
    ({ status, code, faultId }) => status === 403 && !faultId && /Qps|Qpm/.test(code ?? ''),
  );
  return tooFast.length > calls.length / 100
    ? [finding('P7', `${tooFast.length} of ${calls.length} calls were too fast`)]
    : [];
}

const planted = /secret-[0-9a-f]{24}|sk-[0-9a-f]{24}/;

function noSecrets({ logLines, secrets }: Evidence): Finding[] {
  const spills = (line: string) =>
    planted.test(line) || secrets.some((secret) => secret !== '' && line.includes(secret));
  return logLines.filter(spills).map((line) => finding('P8', `in a log: ${line.slice(0, 60)}…`));
}

function healthyAtTheEnd({ channelStates, unexpectedEnds }: Evidence): Finding[] {
  return [
    ...channelStates
      .filter((state) => state !== 'connected' && state !== 'degraded')
      .map((state) => finding('P9', `a channel is ${state} when everything is whole again`)),
    ...unexpectedEnds.map((end) => finding('P10', `a process ended by itself: ${end}`)),
  ];
}

const residual = ['shorterAfterLonger', 'streamingAfterFinalize'];
const ours = ['doubleAck', 'ackOnWrongConnection', 'ackUnknown', 'updateClearsVariables'];

/**
 * A process that was paused between check and write may send one stale frame (P4's residual). Where the platform never said
 * what became of a card's last frame, another one is how the card is ended in any case.
 */
function platformRules({ violations, pauses, calls }: Evidence): Finding[] {
  const unsure = new Set(
    calls
      .filter(({ isFinalize, faultId }) => isFinalize && faultId)
      .map(({ outTrackId }) => outTrackId),
  );
  const isUnsure = ({ detail }: Evidence['violations'][number]): boolean =>
    unsure.has((detail as { outTrackId?: string } | undefined)?.outTrackId);
  const stale = violations.filter((one) => residual.includes(one.kind) && !isUnsure(one));
  return [
    ...violations
      .filter(({ kind }) => ours.includes(kind))
      .map(({ kind, detail }) => finding('P2', `${kind}: ${JSON.stringify(detail)}`)),
    ...(stale.length > pauses
      ? [finding('P4', `${stale.length} stale frames after ${pauses} pauses`)]
      : []),
  ];
}
