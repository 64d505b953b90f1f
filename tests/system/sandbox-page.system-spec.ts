import { type Browser, chromium, type Page } from 'playwright-core';

import { Bot } from './support/bot';
import { Installation } from './support/installation';
import { toolCall } from './support/model-call';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const executablePath = process.env['CHROMIUM_PATH'];
// `npm test` installs Debian's chromium where it can and says so where it cannot.
const describeWithBrowser = executablePath ? describe : describe.skip;

describeWithBrowser('the sandbox page', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  beforeAll(async () => {
    installation = await Installation.start();
    await Bot.join(installation, { app: { name: 'Page bot' } });
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await browser.newPage({ locale: 'en-US' });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => failures.push(error.message));
    await page.goto(installation.sandboxProcess.url);
  });

  afterAll(async () => {
    await browser?.close();
    await installation?.stop();
  });

  const write = async (text: string): Promise<void> => {
    await page.locator('#composer-text').fill(text);
    await page.locator('#composer-text').press('Enter');
  };

  it('shows a card that fills while the answer is written, as rendered Markdown', async () => {
    let goOn = (): void => undefined;
    const isSeen = new Promise<void>((resolve) => (goOn = resolve));
    installation.model.on('tell me', async (call) => {
      call.say('**Once** ');
      await isSeen;
      await call.slowly(['upon ', 'a ', 'time\n\n', '```ts\n', 'const end = 1;\n', '```'], 100);
    });
    await page.locator('#chats').getByText('Page bot').click();

    await write('tell me');

    const log = page.locator('#log');
    await log.getByText('Once', { exact: true }).waitFor();
    // Still being written: the code has not come yet.
    expect(await log.locator('pre code').count()).toBe(0);
    goOn();
    await log.locator('pre code').waitFor();
    await log.getByText('Finished').waitFor();
    expect(await log.locator('strong').allTextContents()).toContain('Once');
    // Highlighted: the keyword is marked up.
    expect(await log.locator('pre code span').count()).toBeGreaterThan(0);
    expect(failures).toEqual([]);
  });

  it('sends pictures and files, and shows them', async () => {
    await page.locator('#attach-input').setInputFiles([
      { name: 'bell.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('rung at noon') },
    ]);
    await page.locator('#attached').getByText('bell.png').waitFor();
    await write('what is on it?');

    const log = page.locator('#log');
    await log.locator('a.picture img').waitFor();
    await log.getByText('📄 notes.txt').waitFor();
    await log.getByText('rung at noon').waitFor();
    expect(await page.locator('#attached').isHidden()).toBe(true);
    expect(installation.model.about('what is on it?\n[picture 1]')).toHaveLength(1);
    expect(failures).toEqual([]);
  });

  it('shows a command’s reply as a message', async () => {
    await write('/help');

    await page.locator('#log').getByText('starts a new conversation').waitFor();
  });

  it('shows what an agent asks as buttons and a line for words', async () => {
    const asking = await Bot.join(installation, {
      app: { name: 'Asking bot' },
      channel: { card: { enabled: true, templateId: 'carillon-sandbox.schema', buttons: true } },
    });
    const { items } = await installation.admin.call<{ items: { id: string; name: string }[] }>(
      'GET',
      '/agents?limit=200',
    );
    const agent = items.find(({ name }) => name === `agent of ${asking.clientId}`);
    await installation.admin.change(`/agents/${agent?.id ?? ''}`, { tools: ['ask_person'] });
    installation.model.on('book it', (call) => {
      const told = call.request.messages.find(({ role }) => role === 'tool');
      if (told) call.say(`Booked for ${told.content}.`);
      else
        call.bytes(toolCall('ask_person', { question: 'Where to?', choices: ['Here', 'There'] }));
      call.end();
    });
    await page.reload();
    await page.locator('#chats').getByText('Asking bot').click();
    const log = page.locator('#log');

    await write('book it');
    await log.getByRole('button', { name: 'There' }).click();
    await log.getByText('Booked for There.').waitFor();

    await write('book it again');
    await log.locator('.asks input').fill('Elsewhere');
    await log.locator('.asks input').press('Enter');
    await log.getByText('Booked for Elsewhere.').waitFor();

    await page.locator('#chats').getByText('Page bot').click();
    expect(failures).toEqual([]);
  });

  it('speaks Chinese at a click, and runs nothing that a message contains', async () => {
    installation.model.on('evil', (call) =>
      call.slowly(['<img src=x onerror="document.title=1">done'], 10),
    );
    await page.locator('button[data-lang="zh"]').click();
    await page.getByText('已完成').first().waitFor();

    await write('evil');

    await page.locator('#log').getByText('done').last().waitFor();
    expect(await page.title()).not.toBe('1');
    expect(failures).toEqual([]);
  });
});
