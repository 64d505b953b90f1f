import { ManualClock, RecordingLogger, settled, standIn } from '@common/testing';

import { aClaimedTurn, aModel } from '../generation/claimed-turn.fixture';
import type { ModelVoice, Step } from '../models/model-voice.service';
import type { ContextRepository } from './context.repository';
import { Summaries } from './summaries.service';

const wish = (sessionId: string, summary: string | null = null) => ({
  turn: aClaimedTurn({ sessionId }),
  model: aModel(),
  summary,
  messages: [
    { role: 'user' as const, text: 'My name is Ada.', seq: 1 },
    { role: 'assistant' as const, text: 'Hello Ada.', seq: 1 },
  ],
});

function summaries(speak: (step: Step) => AsyncIterable<{ text: string }>) {
  const kept: { sessionId: string; text: string; upToSeq: number }[] = [];
  const asked: Step[] = [];
  const logger = new RecordingLogger();
  const made = new Summaries(
    standIn<ModelVoice>({
      speak: (step) => {
        asked.push(step);
        return speak(step);
      },
    }),
    standIn<ContextRepository>({
      keep: ({ sessionId }, { text, upToSeq }) => {
        kept.push({ sessionId, text, upToSeq });
        return Promise.resolve();
      },
    }),
    new ManualClock(),
    logger,
  );
  return { made, kept, asked, logger };
}
const says = (text: string) =>
  async function* () {
    yield await Promise.resolve({ text });
  };

describe('Summaries', () => {
  it('keeps what the model makes of the older turns, one after the other', async () => {
    const { made, kept, asked } = summaries(says('Ada said hello.'));
    made.later(wish('a', 'Before.'));
    made.later(wish('b'));
    await settled();
    await made.stop();

    expect(kept).toEqual([
      { sessionId: 'a', text: 'Ada said hello.', upToSeq: 1 },
      { sessionId: 'b', text: 'Ada said hello.', upToSeq: 1 },
    ]);
    expect(JSON.stringify(asked[0]?.messages)).toMatch(/Before\..*user: My name is Ada\./);
  });

  it('late: a model that fails costs nothing but the summary', async () => {
    const { made, kept, logger } = summaries(() => {
      throw new Error('away');
    });
    made.later(wish('a'));
    await settled();
    expect(kept).toEqual([]);
    expect(logger.messages).toEqual(['summary not made']);
  });

  it('P6 asks with the words of one session only', async () => {
    const { made, asked } = summaries(says('x'));
    made.later({ ...wish('a'), messages: [{ role: 'user', text: 'secret of a', seq: 1 }] });
    made.later(wish('b'));
    await settled();
    expect(JSON.stringify(asked[1])).not.toContain('secret of a');
  });

  it('takes no more than it can hold, and the newest wish of a session', async () => {
    const { made, kept } = summaries(says('x'));
    for (let n = 0; n < 200; n += 1) made.later(wish(`s${n}`));
    await settled();
    await made.stop();
    expect(kept.length).toBeLessThanOrEqual(51);
  });
});
