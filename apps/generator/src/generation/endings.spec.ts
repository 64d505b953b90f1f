import { ModelError } from '../models/model.errors';
import { aClaimedTurn } from './claimed-turn.fixture';
import { answered, cancelled, failedBy } from './endings';

describe('endings', () => {
  it('remembers the whole answer', () => {
    expect(answered(aClaimedTurn(), 'Noon.')).toMatchObject({
      outcome: 'answered',
      text: 'Noon.',
      remembered: 'Noon.',
    });
  });

  it('shows the mark alone when nothing was said before the stop, and remembers nothing', () => {
    expect(cancelled(aClaimedTurn(), '  \n')).toMatchObject({
      text: '(stopped)',
      remembered: null,
    });
  });

  it('tells operators the status and the kind of cause, and the person neither', () => {
    const error = new ModelError('model_busy', { status: 429, cause: new Error('RateLimit 429') });
    const ending = failedBy(aClaimedTurn(), error);

    expect(ending.error).toEqual({
      code: 'model_busy',
      message: 'model busy (HTTP 429): RateLimit 429',
    });
    expect(ending.text).not.toMatch(/429|RateLimit/);
  });

  it('copes with things that are no errors', () => {
    expect(failedBy(aClaimedTurn(), 'what?').error).toEqual({
      code: 'internal_error',
      message: 'unknown',
    });
  });
});
