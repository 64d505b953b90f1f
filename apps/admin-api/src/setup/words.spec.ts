import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { pageModule } from './page-module.fixture';

type Words = Readonly<Record<string, unknown>>;

const { words } = pageModule<{ words: { en: Words; zh: Words } }>('words.js');
const { inChinese } = pageModule<{
  inChinese(code: string, part: string, english: string): string | undefined;
}>('sentences-zh.js');
const folder = join(__dirname, '..', 'public');

describe('the words of the set-up page', () => {
  it('are there in both languages', () => {
    expect(Object.keys(words.zh)).toEqual(Object.keys(words.en));
  });

  it('are there for everything the page names', () => {
    const sources = readdirSync(folder).filter((name) => /\.(html|js)$/.test(name));
    const text = sources.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
    const used = [...text.matchAll(/data-i18n(?:-\w+)?="(\w+)"|\bt\('(\w+)'/g)];

    expect(used.length).toBeGreaterThan(50);
    for (const [, marked, called] of used)
      expect(words.en).toHaveProperty(String(marked ?? called));
  });

  it('say every fault of a connection in Chinese, and what to do', () => {
    // As text: the library keeps its catalogue to itself.
    const catalogue = readFileSync(
      join(__dirname, '../../../../libs/common/dingtalk/src/stream/connection-fault.ts'),
      'utf8',
    );
    const codes = [...catalogue.matchAll(/(?:transient\(|misconfigured\(|code:)\s*'(\w+)'/g)];

    expect(codes.length).toBeGreaterThan(20);
    for (const [, code = ''] of codes)
      for (const part of ['message', 'userAction'])
        expect([code, part, inChinese(code, part, '')]).toEqual([code, part, expect.any(String)]);
  });

  it('name the permissions that are missing', () => {
    const of = (code: string, english: string) => inChinese(code, 'message', english);

    expect(of('missing_scope', 'The app lacks the permission A.B and C.D.')).toBe(
      '应用缺少权限 A.B、C.D。',
    );
    expect(
      of('card_permission_missing', 'The DingTalk app lacks the permission A.B, C.D; answers …'),
    ).toContain('缺少卡片权限 A.B、C.D，');
    expect(
      of('card_permission_missing', 'The DingTalk app lacks the permission for cards; answers …'),
    ).toContain('缺少卡片权限，');
  });
});
