type Params = Readonly<Record<string, string>>;

/** What the sandbox knows of a card template (messaging reference §6.2). */
export interface CardTemplate {
  readonly id: string;
  /** The variable with the streaming switch on; absent: not an AI card. */
  readonly streamingKey?: string;
  /** These layouts follow the `flowStatus` variable; others are driven by the streaming API alone (§6.6). */
  readonly flowStatus: boolean;
  /** What the finished (or failed) layout shows; rule 7 of §6.6: a mismatch gives a blank card. */
  finished(params: Params): string;
}

/** The variables named by `sys_full_json_obj.order`, in that order. */
function ordered(params: Params): string {
  const layout = parseJson(params['sys_full_json_obj']);
  const order = isRecord(layout) && Array.isArray(layout['order']) ? layout['order'] : [];
  return order
    .map((key) => params[String(key)] ?? '')
    .filter(Boolean)
    .join('\n\n');
}

/** The markdown of each block of `blockList`, a JSON array. */
function blocks(params: Params): string {
  const list = parseJson(params['blockList']);
  if (!Array.isArray(list)) return '';
  return list.map((block) => (isRecord(block) ? String(block['markdown'] ?? '') : '')).join('\n\n');
}

/** Head, text, and the line below it. */
const headed = ({ title, markdown, tips }: Params): string =>
  [title && `**${title}**`, markdown, tips].filter(Boolean).join('\n\n');

/** A button of a card: it opens `url`, or its click is pushed with these parameters. */
export interface CardButton {
  readonly id: string;
  readonly text: string;
  readonly color: string;
  readonly url: string | null;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The buttons of the public templates, `msgButtons` of `sys_full_json_obj` (messaging reference §6.2). */
export function buttonsOf(params: Params): CardButton[] {
  const layout = parseJson(params['sys_full_json_obj']);
  const list = isRecord(layout) && Array.isArray(layout['msgButtons']) ? layout['msgButtons'] : [];
  return list.filter(isRecord).map((button, n) => ({
    id: String(button['id'] ?? `button${n}`),
    text: String(button['text'] ?? ''),
    color: String(button['color'] ?? 'blue'),
    url: /^https?:/.test(String(button['url'])) ? String(button['url']) : null,
    params: isRecord(button['params']) ? button['params'] : {},
  }));
}

const variable = (key: string) => (params: Params) => params[key] ?? '';

const TEMPLATES: readonly CardTemplate[] = [
  {
    id: '382e4302-551d-4880-bf29-a30acfab2e71.schema',
    streamingKey: 'msgContent',
    flowStatus: true,
    finished: ordered,
  },
  {
    id: '02fcf2f4-5e02-4a85-b672-46d1f715543e.schema',
    streamingKey: 'msgContent',
    flowStatus: true,
    finished: ordered,
  },
  {
    id: '675cde2f-f526-40cb-b828-f5b2b57b8b77.schema',
    streamingKey: 'content',
    flowStatus: true,
    finished: blocks,
  },
  {
    id: '8aebdfb9-28f4-4a98-98f5-396c3dde41a0.schema',
    streamingKey: 'content',
    flowStatus: false,
    finished: variable('content'),
  },
  {
    id: '2b07a3e6-cdf4-4e8f-8bac-a4f6e3e19eff.schema',
    streamingKey: 'content',
    flowStatus: false,
    finished: variable('content'),
  },
  {
    id: 'd28e2ac5-fb34-4d93-94bc-cf5c580c2d4f.schema',
    streamingKey: 'content',
    flowStatus: false,
    finished: variable('content'),
  },
  {
    id: 'carillon-sandbox.schema',
    streamingKey: 'content',
    flowStatus: false,
    finished: variable('content'),
  },
  {
    id: 'c2a6355b-9724-4f7e-9653-d33fcb3311bb.schema',
    flowStatus: false,
    finished: variable('question_desc'),
  },
  {
    id: '589420e2-c1e2-46ef-a5ed-b8728e654da9.schema',
    flowStatus: false,
    finished: variable('markdown'),
  },
  {
    id: '1366a1eb-bc54-4859-ac88-517c56a9acb1.schema',
    flowStatus: false,
    finished: headed,
  },
  {
    id: '7f538f6d-ebb7-4533-a9ac-61a32da094cf.schema',
    flowStatus: false,
    finished: variable('content'),
  },
];

/** The template of that id, or undefined: `param.templateNotExist`. */
export function templateOf(id: string): CardTemplate | undefined {
  return TEMPLATES.find((template) => template.id === id);
}

export const listTemplates = (): readonly { id: string; streamingKey: string | null }[] =>
  TEMPLATES.map(({ id, streamingKey }) => ({ id, streamingKey: streamingKey ?? null }));

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null') as unknown;
  } catch {
    return undefined; // What the layout cannot read it does not show.
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
