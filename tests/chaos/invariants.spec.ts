import type { Evidence, TurnRow } from './evidence';
import { judge } from './invariants';
import { endMarkOf, markOf, questionOf } from './marks';

const mark = markOf('b0d1', 1);
const question = {
  mark,
  thread: 'b0d1',
  clientId: 'ding1',
  msgId: 'm1',
  conversationId: 'c1',
  askedAt: 0,
};
const turn: TurnRow = {
  id: 'aaaaaaaa-0000-4000-8000-000000000000',
  msgId: 'm1',
  thread_id: 't',
  session_id: 's',
  seq: 1,
  state: 'delivered',
  outcome: 'answered',
  attempt: 1,
  activated_at: new Date(1_000),
  ended_at: new Date(2_000),
  delivery_state: 'delivered',
  delivery_code: null,
  possibly_twice: false,
};
const entry = (text: string, kind: 'user' | 'card' = 'card') => ({
  kind,
  id: text,
  at: 0,
  clientId: 'ding1',
  text,
  mentions: [],
});

/** A run in which one question was answered as it should be. */
function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    questions: [question],
    acknowledged: new Map([['m1', true]]),
    turns: [turn],
    entries: new Map([
      ['c1', [entry(questionOf(mark), 'user'), entry(`words ${endMarkOf(mark)}`)]],
    ]),
    openCards: [],
    modelRequests: [[questionOf(mark)]],
    calls: [{ name: 'streaming', status: 200 }],
    violations: [],
    openRows: '',
    channelStates: ['connected'],
    unexpectedEnds: [],
    logLines: ['{"msg":"reply finished"}'],
    secrets: ['the-admin-key'],
    pauses: 0,
    ...change,
  };
}
const promises = (change: Partial<Evidence>) => judge(evidence(change)).map((one) => one.promise);

describe('the judge of a chaos run', () => {
  it('finds nothing in a run that kept its promises', () => {
    expect(judge(evidence())).toEqual([]);
  });

  it('P1 finds an acknowledged question that is in no turn', () => {
    expect(promises({ turns: [] })).toEqual(['P1']);
  });

  it('P2 finds a question in two turns', () => {
    const second = { ...turn, id: 'bbbbbbbb-0000-4000-8000-000000000000', seq: 2 };
    const later = { activated_at: new Date(3_000), ended_at: new Date(4_000) };
    expect(promises({ turns: [turn, { ...second, ...later }] })).toContain('P2');
  });

  it('P2 finds an answer that is shown twice, unless it says that it may be', () => {
    const twice = new Map([['c1', [entry(endMarkOf(mark)), entry(`again ${endMarkOf(mark)}`)]]]);
    expect(promises({ entries: twice })).toEqual(['P2']);
    expect(promises({ entries: twice, turns: [{ ...turn, possibly_twice: true }] })).toEqual([]);
  });

  it('P4 finds an answer that is shown in part or nowhere', () => {
    expect(promises({ entries: new Map([['c1', [entry('words')]]]) })).toEqual(['P4']);
  });

  it('P4 leaves a text that the platform twice did not confirm to the operator, when there is one', () => {
    const nowhere = new Map([['c1', [entry('words')]]]);
    const desk = { ...turn, delivery_state: 'undelivered', delivery_code: 'unknown_outcome' };
    const twice = { ...desk, possibly_twice: true };
    const more = [2, 3].map((seq) => ({
      ...twice,
      ...{ id: `${seq}`, msgId: `m${seq}`, thread_id: `t${seq}` },
    }));
    expect(promises({ entries: nowhere, turns: [twice] })).toEqual([]);
    expect(promises({ entries: nowhere, turns: [desk] })).toEqual(['P4']);
    expect(promises({ entries: nowhere, turns: [{ ...twice, delivery_code: 'quota' }] })).toEqual([
      'P4',
    ]);
    expect(promises({ entries: nowhere, turns: [twice, ...more] })).toEqual(['P4']);
  });

  it('P4 wants the sentence with its reference where a turn failed', () => {
    const failed = [{ ...turn, state: 'failed', outcome: 'failed' }];
    const said = new Map([['c1', [entry('Sorry (reference aaaaaaaa)')]]]);
    expect(promises({ turns: failed })).toEqual(['P4']);
    expect(promises({ turns: failed, entries: said })).toEqual([]);
  });

  it('P4 finds a turn, a row and a card that stay open', () => {
    const card = { outTrackId: 'x', clientId: 'ding1', state: 'inputting', isOpen: true };
    const openCards = [{ ...card, text: '', space: null, frames: [] }];
    expect(promises({ turns: [{ ...turn, state: 'generated' }] })).toEqual(['P4']);
    expect(promises({ openRows: '1 deliveries' })).toEqual(['P4']);
    expect(promises({ openCards })).toEqual(['P4']);
  });

  it('P3 finds a turn that began before the one in front of it had ended', () => {
    const next = { ...turn, id: 'cccccccc', msgId: 'm2', seq: 2, activated_at: new Date(1_500) };
    expect(promises({ turns: [turn, next] })).toEqual(['P3']);
  });

  it('P6 finds words of another thread in what a model was sent', () => {
    const foreign = questionOf(markOf('b0d2', 1));
    expect(promises({ modelRequests: [[foreign, questionOf(mark)]] })).toEqual(['P6']);
  });

  it('P7 finds more than a hundredth of the calls too fast, planted refusals left aside', () => {
    const refused = { name: 'streaming', status: 403, code: 'X.QpsLimitForAppkeyAndApi' };
    expect(promises({ calls: [refused] })).toEqual(['P7']);
    expect(promises({ calls: [{ ...refused, faultId: 'chaos-1' }] })).toEqual([]);
  });

  it('P8 finds a secret in a log line', () => {
    expect(promises({ logLines: ['key the-admin-key'] })).toEqual(['P8']);
    expect(promises({ logLines: [`x secret-${'a'.repeat(24)}`] })).toEqual(['P8']);
  });

  it('P9 and P10 find a channel that stays away and a process that fell', () => {
    expect(promises({ channelStates: ['disconnected'] })).toEqual(['P9']);
    expect(promises({ unexpectedEnds: ['sender: …'] })).toEqual(['P10']);
  });

  it('allows as many stale frames as processes were paused', () => {
    const violations = [{ kind: 'shorterAfterLonger', detail: {} }];
    expect(promises({ violations })).toEqual(['P4']);
    expect(promises({ violations, pauses: 1 })).toEqual([]);
    const after = [{ kind: 'streamingAfterFinalize', detail: { outTrackId: 'x' } }];
    const last = { name: 'streaming', status: 200, outTrackId: 'x', isFinalize: true };
    expect(promises({ violations: after, calls: [last] })).toEqual(['P4']);
    expect(promises({ violations: after, calls: [{ ...last, faultId: 'chaos-1' }] })).toEqual([]);
    expect(promises({ violations: [{ kind: 'doubleAck', detail: {} }] })).toEqual(['P2']);
  });
});
