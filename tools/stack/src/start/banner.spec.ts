import { banner } from './banner';
import { languageOf, texts } from './texts';

const facts = {
  adminUrl: 'http://127.0.0.1:3000',
  sandboxUrl: 'http://127.0.0.1:3100',
  key: '.data/secrets.json',
  logs: '.data/logs',
  model: undefined,
};

describe('banner', () => {
  it('lists where everything is, in line', () => {
    const lines = banner(facts, texts.en).split('\n');
    const columns = lines
      .map((line) => line.search(/http|\.data/))
      .filter((column) => column >= 0 && column < 40);
    expect(new Set(columns).size).toBe(1);
    expect(lines.join()).toContain('http://127.0.0.1:3000/api/docs');
  });

  it('says who answers', () => {
    const model = { baseUrl: 'b', apiKey: 'k-123', upstreamModel: 'm-1' };
    expect(banner(facts, texts.en)).toContain('demo agent');
    expect(banner({ ...facts, model }, texts.en)).toContain('m-1 answers');
    expect(banner({ ...facts, model }, texts.en)).not.toContain('k-123');
  });

  it('says that there is no sandbox on the real platform', () => {
    const text = banner({ ...facts, sandboxUrl: undefined }, texts.en);
    expect(text).toContain('no sandbox');
    expect(text).not.toContain('3100');
  });

  it('follows the language of the environment', () => {
    expect(languageOf({ LANG: 'zh_CN.UTF-8' })).toBe('zh');
    expect(languageOf({ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' })).toBe('en');
    expect(languageOf({})).toBe('en');
  });
});
