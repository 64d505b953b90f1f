import { randomBytes } from 'node:crypto';
import { eventually } from './eventually';
import type { FleetChannel } from './fleet';
import type { Installation } from './installation';

interface Question {
  readonly clientId: string;
  readonly text: string;
  readonly conversationId: string;
  readonly msgId: string;
}

/** Questions at a steady pace, spread over apps, each by a person of its own: what comes back can be counted. */
export class SteadyLoad {
  private readonly questions: Question[] = [];
  private isStopped = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly installation: Installation,
    private readonly channels: readonly FleetChannel[],
    private readonly perSecond: number,
  ) {
    this.running = this.run();
  }

  get asked(): number {
    return this.questions.length;
  }

  /** No further questions. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  /** Resolves when every question has its one answer; more than one, or another's, is an error. */
  async expectOneAnswerEach(withinMs: number): Promise<void> {
    const { sandbox } = this.installation;
    const untilMs = Date.now() + withinMs;
    for (const { conversationId, text, clientId } of this.questions)
      await eventually(
        `the answer to ${text}`,
        async () => (await this.answersIn(conversationId, clientId)).length > 0,
        Math.max(1_000, untilMs - Date.now()),
      ).catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await this.installation.openWork()}`, {
          cause: error,
        });
      });
    for (const { conversationId, text, clientId } of this.questions) {
      const answers = await this.answersIn(conversationId, clientId);
      expect(answers).toEqual([expect.stringContaining(text)]);
    }
    expect(await sandbox.openCards()).toEqual([]);
  }

  private async answersIn(conversationId: string, clientId: string): Promise<string[]> {
    const entries = await this.installation.sandbox.entries(conversationId);
    return entries
      .filter((one) => one.clientId === clientId)
      .filter(({ kind, state }) => kind === 'bot' || (kind === 'card' && state === 'finished'))
      .map(({ text }) => text);
  }

  private async run(): Promise<void> {
    const startedAtMs = Date.now();
    for (let n = 0; !this.isStopped; n += 1) {
      const waitMs = startedAtMs + (n * 1_000) / this.perSecond - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await this.ask(n);
    }
  }

  private async ask(n: number): Promise<void> {
    const { sandbox } = this.installation;
    const { clientId } = this.channels[n % this.channels.length] as FleetChannel; // there are some
    const from = `p${randomBytes(5).toString('hex')}`;
    const text = `question-${n}-${randomBytes(3).toString('hex')}`;
    await sandbox.putPerson({ userId: from, name: `Person ${from}` });
    const asked = await sandbox.post({ from, clientId, text });
    this.questions.push({ clientId, text, ...asked });
  }
}
