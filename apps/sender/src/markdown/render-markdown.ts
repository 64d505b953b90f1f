import { Lexer, type Token, type Tokens } from 'marked';

/** Where a text is shown: in a card, in a Markdown message, or where no markup is known (titles). */
export type Surface = 'card' | 'message' | 'plain';

/**
 * Model Markdown as DingTalk shows it (messaging reference §5.8, §6.9). What both know stays as it is; changed are:
 * - line ends (CRLF), headings below the fifth level (card), line breaks within a paragraph or quote (`<br>` in a card);
 * - a table gets the blank line that DingTalk wants before it;
 * - LaTeX is shown as code, and an image that nobody could load as its alternative text.
 * With `<br>` taken out, white space and those marks aside, the text reads as before.
 */
export function renderMarkdown(text: string, surface: Surface): string {
  if (!NEEDS_RENDERING.test(text)) return text;
  const tokens = Lexer.lex(text, { gfm: true });
  if (surface === 'plain') return plain(tokens);
  let rendered = '';
  for (const token of tokens) {
    if (token.type === 'table' && rendered !== '' && !rendered.endsWith('\n\n'))
      rendered = `${rendered.trimEnd()}\n\n`;
    rendered += blockOf(token, surface);
  }
  return rendered;
}

/** Most answers of one line need nothing. */
const NEEDS_RENDERING = /[\r\n|>$\\![\]#*`_~<&]/;
const MAX_CARD_HEADING = 5;

function blockOf(token: Token, surface: Surface): string {
  if (token.type === 'heading' && surface === 'card')
    return token.raw.replace(/^#{6}(?=\s)/, '#'.repeat(MAX_CARD_HEADING));
  if (token.type === 'paragraph') return paragraph(token as Tokens.Paragraph, surface);
  if (token.type === 'blockquote') return quote(token as Tokens.Blockquote, surface);
  return token.raw;
}

function paragraph(token: Tokens.Paragraph, surface: Surface): string {
  const end = /\n*$/.exec(token.raw)?.[0] ?? '';
  const display = /^\s*(?:\$\$([\s\S]+)\$\$|\\\[([\s\S]+)\\\])\s*$/.exec(token.raw);
  const formula = display?.[1] ?? display?.[2];
  if (formula !== undefined) return `\`\`\`latex\n${formula.trim()}\n\`\`\`${end}`;
  const inline = inlinesOf(token.tokens, token.raw);
  const lines = surface === 'card' ? withBreaks(inline) : inline.join('');
  return `${lines.replace(/(?:(?:<br>)?\n)*$/, '')}${end}`;
}

/** The parts of a paragraph; code spans are marked by the backtick that they begin with. */
function inlinesOf(tokens: readonly Token[], raw: string): string[] {
  const parts = tokens.map((token) => {
    if (token.type === 'codespan') return token.raw;
    if (token.type === 'image') return image(token as Tokens.Image);
    return latexAsCode(token.raw);
  });
  // `\(` is an escape to Markdown, so that a formula is in several tokens: it is looked for in the whole text.
  return /\\\(/.test(raw) && !raw.includes('`') ? [latexAsCode(raw)] : parts;
}

const latexAsCode = (text: string): string =>
  text.replace(/\\\(([^\n`]+?)\\\)/g, (_whole, formula: string) => `\`${formula.trim()}\``);

/** Loaded by people's clients: a public address or a media id, never a path of some machine. */
const image = ({ raw, href, text }: Tokens.Image): string =>
  /^(https?:\/\/|[@$])/.test(href) ? raw : text;

/** Between code spans, whose line ends are blanks. A line that was broken by other marks is not broken twice. */
function withBreaks(parts: readonly string[]): string {
  const runs: string[] = [];
  for (const part of parts) {
    const before = runs.at(-1);
    if (before === undefined || part.startsWith('`') || before.startsWith('`')) runs.push(part);
    else runs[runs.length - 1] = before + part;
  }
  return runs
    .map((run) => (run.startsWith('`') ? run : run.replace(/(?: *<br ?\/?>| *)\n/gi, '<br>\n')))
    .join('');
}

/** A quote without blocks in it is one paragraph to DingTalk: its lines are joined. */
function quote({ raw, tokens }: Tokens.Blockquote, surface: Surface): string {
  const isSimple = tokens.length === 1 && tokens[0]?.type === 'paragraph';
  return surface === 'card' && isSimple ? raw.replace(/ *\n(?=\s*>)/g, '<br>\n') : raw;
}

/** Words alone. */
function plain(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'code' || token.type === 'codespan') return (token as Tokens.Code).text;
      if (token.type === 'br') return '\n';
      if (token.type === 'hr' || token.type === 'space') return '';
      if (token.type === 'table') return token.raw;
      if (token.type === 'list')
        return (token as Tokens.List).items
          .map(({ tokens: inner }) => `${plain(inner)}\n`)
          .join('');
      const inner = (token as { tokens?: Token[] }).tokens;
      if (inner)
        return plain(inner) + (token.type === 'paragraph' || token.type === 'heading' ? '\n' : '');
      return (token as { text?: string }).text ?? token.raw;
    })
    .join('');
}

/** A piece that was made for a card, in a message: those know no `<br>`. */
export const asMessage = (cardText: string): string => cardText.replace(/<br>\n/g, '\n');
