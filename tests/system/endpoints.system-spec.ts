import { randomBytes } from 'node:crypto';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';
import { SandboxClient } from './support/sandbox-client';
import { ServiceProcess } from './support/service-process';

/** What an administrator changes works within this, without a restart. */
const effectMs = 2_000;

describe('a channel with a platform of its own', () => {
  const abroadProcess = new ServiceProcess('sandbox', {});
  const clientSecret = `secret-${randomBytes(12).toString('hex')}`;
  let installation: Installation;
  let abroad: SandboxClient;
  let home: Bot;
  let away: Bot;

  beforeAll(async () => {
    installation = await Installation.start();
    await abroadProcess.start();
    abroad = new SandboxClient(abroadProcess.url);
    home = await Bot.join(installation);
    away = await Bot.join(installation, {
      app: { clientSecret: `secret-${randomBytes(12).toString('hex')}` },
      channel: { clientSecret, endpoint: { apiUrl: abroad.url, oapiUrl: abroad.url } },
      connected: false,
    });
    await abroad.putApp(away.clientId, { clientSecret });
    await installation.admin.call('POST', `/channels/${away.channelId}/restart`);
    await installation.admin.untilState(away.channelId, 'connected');
  });

  afterAll(async () => {
    await installation?.stop();
    await abroadProcess.stop(5_000);
  });

  const countOn = async (sandbox: SandboxClient, { clientId }: Bot) =>
    (await sandbox.connections(clientId)).length;
  const callsOn = (sandbox: SandboxClient, { clientId }: Bot) =>
    sandbox.calls(`clientId=${clientId}`);

  /** The answer as people on this platform see it. */
  async function answerOn(sandbox: SandboxClient, { clientId }: Bot, text: string) {
    const userId = `p${randomBytes(5).toString('hex')}`;
    await sandbox.putPerson({ userId, name: userId });
    const { conversationId } = await sandbox.post({ from: userId, clientId, text });
    return eventually('a finished answer', async () => {
      const entries = await sandbox.entries(conversationId);
      const done = entries.find(({ kind, state }) => kind === 'bot' || state === 'finished');
      if (!done) throw new Error(`there are ${JSON.stringify(entries)}`);
      return done;
    });
  }

  it('is asked and answered there, while the others go on where the installation leads', async () => {
    const [here, there] = await Promise.all([
      answerOn(installation.sandbox, home, 'at home?'),
      answerOn(abroad, away, 'abroad?'),
    ]);

    expect(here).toMatchObject({ kind: 'card', clientId: home.clientId });
    expect(here.text).toContain(plainAnswerTo('at home?'));
    expect(there).toMatchObject({ kind: 'card', clientId: away.clientId });
    expect(there.text).toContain(plainAnswerTo('abroad?'));
  });

  it('answers over its session webhook there, too', async () => {
    await installation.admin.change(`/channels/${away.channelId}`, { card: { enabled: false } });

    const reply = await answerOn(abroad, away, 'in a message?');

    expect(reply).toMatchObject({ kind: 'bot', way: 'webhook' });
    await installation.admin.change(`/channels/${away.channelId}`, { card: { enabled: true } });
  });

  it('is tried there by the channel test', async () => {
    const checks = await installation.admin.call<object>(
      'POST',
      `/channels/${away.channelId}/test`,
    );

    expect(JSON.stringify(checks)).not.toContain('"ok":false');
  });

  it('leaves no trace on the other platform', async () => {
    expect(await countOn(installation.sandbox, away)).toBe(0);
    expect(await countOn(abroad, home)).toBe(0);
    expect(await callsOn(installation.sandbox, away)).toEqual([]);
    expect(await callsOn(abroad, home)).toEqual([]);
    expect((await callsOn(abroad, away)).length).toBeGreaterThan(0);
    for (const sandbox of [installation.sandbox, abroad]) {
      expect(await sandbox.violations()).toEqual([]);
      expect(await sandbox.openCards()).toEqual([]);
    }
  });

  it('connects anew within 2 s when its platform is changed', async () => {
    await installation.sandbox.putApp(away.clientId, { clientSecret });

    await installation.admin.change(`/channels/${away.channelId}`, { endpoint: null });

    const moved = async () =>
      (await countOn(installation.sandbox, away)) === 1 && (await countOn(abroad, away)) === 0;
    await eventually('it has moved', moved, effectMs);
    const reply = await away.answerTo(await away.person(), 'home again?');
    expect(reply).toMatchObject({ kind: 'card', text: plainAnswerTo('home again?') });
  });
});
