import { type DemoModel } from './stack-plan';
import { type Texts } from './texts';

export interface BannerFacts {
  readonly adminUrl: string;
  readonly sandboxUrl: string | undefined;
  /** Where the key is, or the key itself the first time. */
  readonly key: string;
  readonly logs: string;
  readonly model: DemoModel | undefined;
}

/** The last thing `npm start` says while all is well. */
export function banner(facts: BannerFacts, texts: Texts): string {
  const rows: (readonly [string, string])[] = [
    [texts.consoleAt, facts.adminUrl],
    [texts.documentsAt, `${facts.adminUrl}/api/docs`],
    ...(facts.sandboxUrl ? [[texts.sandboxAt, facts.sandboxUrl] as const] : []),
    [texts.keyAt, facts.key],
    [texts.logsAt, facts.logs],
  ];
  const width = Math.max(...rows.map(([label]) => columns(label)));
  const lines = rows.map(
    ([label, value]) => `  ${label}${' '.repeat(width - columns(label))}   ${value}`,
  );
  const who = facts.model ? texts.modelAgent(facts.model.upstreamModel) : texts.demoAgent;
  const note = facts.sandboxUrl ? who : texts.realPlatform;
  return ['', texts.running, '', ...lines, '', `  ${note}`, `  ${texts.howToStop}`, ''].join('\n');
}

/** Chinese characters and full-width brackets take two columns of a terminal. */
function columns(text: string): number {
  return [...text].reduce((sum, char) => sum + (/[⺀-鿿＀-｠]/u.test(char) ? 2 : 1), 0);
}
