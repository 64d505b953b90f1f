import { randomBytes } from 'node:crypto';
import { type Browser, chromium, type Page } from 'playwright-core';

import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

const executablePath = process.env['CHROMIUM_PATH'];
// `npm test` installs Debian's chromium where it can and says so where it cannot.
const describeWithBrowser = executablePath ? describe : describe.skip;

describeWithBrowser('the set-up page', () => {
  let installation: Installation;
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];
  const clientId = `ding${randomBytes(6).toString('hex')}`;
  const clientSecret = `secret-${randomBytes(12).toString('hex')}`;
  const apiKey = `sk-${randomBytes(12).toString('hex')}`;

  beforeAll(async () => {
    installation = await Installation.start();
    await installation.sandbox.putApp(clientId, { clientSecret });
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
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) failures.push(message.text());
    });
    await page.goto(installation.service('admin-api').url);
  });

  afterAll(async () => {
    await browser?.close();
    await installation?.stop();
  });

  const countOf = async (resource: string): Promise<number> =>
    (await installation.admin.call<{ items: unknown[] }>('GET', `/${resource}?limit=200`)).items
      .length;
  const field = (label: string) => page.getByLabel(label, { exact: false });
  const result = () => page.locator('#result');

  it('says that a key is wrong, and opens with the right one', async () => {
    await field('Key').first().fill('wrong-key-of-nobody');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This key is not valid.').waitFor();
    expect(await page.locator('#setup').isVisible()).toBe(false);

    await field('Key').first().fill(installation.adminKey);
    await page.getByRole('button', { name: 'Continue' }).click();

    await page.locator('#setup').waitFor();
    expect(await page.locator('#key').inputValue()).toBe('');
  });

  it('names the fields that are missing, and shows beside a field what the service refuses', async () => {
    await page.getByRole('button', { name: 'Save and connect' }).click();
    expect(await page.locator('#clientId-error').textContent()).toBe('Please fill this in.');

    await field('Name').first().fill('<img src=x onerror="document.title=1">Helpdesk');
    await field('Client ID').first().fill(clientId);
    await field('Client Secret').fill('not-the-secret');
    await field('Base URL').fill('http://user:pass@127.0.0.1/v1');
    await field('Model name').fill('m');
    await field('API key').fill(apiKey);
    await page.getByRole('button', { name: 'Save and connect' }).click();

    const refusal = page.locator('#baseUrl-error', { hasText: 'must not contain credentials' });
    await refusal.waitFor();
    expect(await countOf('models')).toBe(0);
  });

  it('shows bad credentials and what to do, and made everything once in spite of a double click', async () => {
    await field('Base URL').fill(installation.model.baseUrl);
    await page.getByRole('button', { name: 'Save and connect' }).dblclick();

    await result().getByText('does not accept the client id and client secret').waitFor();
    await result().getByText('Copy the client id and client secret once more').waitFor();
    expect(await result().locator('.badge').first().textContent()).toBe('Bad credentials');
    for (const resource of ['models', 'agents', 'channels'])
      expect([resource, await countOf(resource)]).toEqual([resource, 1]);
  });

  it('keeps no secret in the page once it is stored', async () => {
    expect(await page.locator('#clientSecret').inputValue()).toBe('');
    expect(await page.locator('#apiKey').inputValue()).toBe('');
    const html = await page.content();
    for (const secret of [apiKey, 'not-the-secret', installation.adminKey])
      expect(html).not.toContain(secret);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(
      installation.adminKey,
    );
  });

  it('connects with the corrected secret, and every check of the test is fine', async () => {
    await field('Client Secret').fill(clientSecret);
    await page.getByRole('button', { name: 'Save changes' }).click();

    await result().getByText('Connected. Now write to').waitFor();
    expect(await countOf('channels')).toBe(1);
    await result().getByRole('button', { name: 'Test' }).click();
    await result().getByText('The card template is there.').waitFor();
    expect(await result().locator('#checks .badge').allTextContents()).toEqual(
      Array.from({ length: 4 }, () => 'OK'),
    );
  });

  it('leaves a bot that answers', async () => {
    const { sandbox } = installation;
    await sandbox.putPerson({ userId: 'p1', name: 'Person' });
    const asked = await sandbox.post({ from: 'p1', clientId, text: 'does it work?' });

    await eventually('the answer is finished', async () => {
      const entries = await sandbox.entries(asked.conversationId);
      return entries.some(
        ({ kind, state, text }) =>
          kind === 'card' &&
          state === 'finished' &&
          text.startsWith(plainAnswerTo('does it work?')),
      );
    });
  });

  it('lists the channel with its live status, and switches it off and on, in Chinese too', async () => {
    const row = page.locator('#channel-list > li');
    await row.getByText('Connected', { exact: true }).waitFor();

    await page.locator('button[data-lang="zh"]').click();
    await row.getByRole('button', { name: '停用' }).click();
    await row.getByText('已停用', { exact: true }).waitFor();
    await row.getByRole('button', { name: '启用' }).click();
    await row.getByText('已连接', { exact: true }).waitFor();

    expect(await page.title()).toBe('Carillon：接入机器人');
    expect(failures).toEqual([]);
  });

  it('knows the key until the tab is closed, and changes a channel that was there', async () => {
    await page.reload();
    const row = page.locator('#channel-list > li');
    await row.getByRole('button', { name: '修改' }).click();
    await page.locator('#name').fill('服务台');
    await page.getByRole('button', { name: '保存修改' }).click();

    await row.getByText('服务台', { exact: true }).waitFor();
    expect([await countOf('agents'), await countOf('channels')]).toEqual([1, 1]);
    expect(failures).toEqual([]);
  });
});
