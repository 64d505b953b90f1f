import type { ModelCall } from '../system/support/model-call';
import type { ModelServer } from '../system/support/model-server';
import type { ModelMood } from './chaos-plan';
import { endMarkOf, marksIn } from './marks';

const EVERY_MS = 40;

/** The model of a chaos run: its answer ends with the mark of its question, so a whole answer can be told from a part. */
export class ChaosModel {
  mood: ModelMood = 'well';

  constructor(server: ModelServer) {
    server.on('', (call) => this.answer(call));
  }

  private async answer(call: ModelCall): Promise<void> {
    const { mood } = this;
    if (mood === 'busy') return call.fail(429, 'too many requests');
    if (mood === 'broken') return call.fail(500, 'internal error');
    // The caller gives up by its own clock.
    if (mood === 'silent') return call.gone;
    if (mood === 'garbled') call.bytes(Buffer.from('data: {"choices": [{]}\n\n: what?\n\n'));
    const pieces = wordsFor(call.request.question);
    if (mood !== 'cut') return call.slowly(pieces, mood === 'slow' ? EVERY_MS * 6 : EVERY_MS);
    for (const piece of pieces.slice(0, pieces.length / 2)) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      call.say(piece);
    }
    call.cut();
  }
}

function wordsFor(question: string): string[] {
  const mark = marksIn(question).at(-1);
  const words = Array.from({ length: 18 }, (_, n) => `word ${n} 字😀 `);
  return [...words, mark === undefined ? 'no question' : endMarkOf(mark)];
}
