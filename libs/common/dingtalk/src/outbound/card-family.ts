import type { Ask, CardSettings } from '@common/domain';

/**
 * How a template wants to be driven (messaging reference §6.2, §6.6).
 * - `flow_status`: the shared public templates; a variable `flowStatus` drives the look besides the stream.
 * - `native`: an own template; the streaming calls alone drive its state.
 */
export type CardFamily = 'flow_status' | 'native';

export interface CardTemplate {
  readonly id: string;
  readonly contentKey: string;
  readonly family: CardFamily;
  /** An own template whose buttons follow `carillonState`. */
  readonly hasButtons: boolean;
}

/** Usable by any app, so it is the default. */
const PUBLIC_TEMPLATE = '02fcf2f4-5e02-4a85-b672-46d1f715543e.schema';

const BLOCKS_TEMPLATE = '675cde2f-f526-40cb-b828-f5b2b57b8b77.schema';

/** Streaming key of the known templates; those with `flowStatus` are named. */
const known: Readonly<Record<string, { contentKey: string; family: CardFamily }>> = {
  [PUBLIC_TEMPLATE]: { contentKey: 'msgContent', family: 'flow_status' },
  '382e4302-551d-4880-bf29-a30acfab2e71.schema': {
    contentKey: 'msgContent',
    family: 'flow_status',
  },
  [BLOCKS_TEMPLATE]: { contentKey: 'content', family: 'flow_status' },
};

/** `flowStatus` values of the public templates. */
const FLOW = { processing: '1', inputting: '2', finished: '3' } as const;

export function templateOf(settings: CardSettings): CardTemplate {
  const id = settings.templateId ?? PUBLIC_TEMPLATE;
  const template = known[id];
  return {
    id,
    contentKey: settings.contentKey ?? template?.contentKey ?? 'content',
    family: template?.family ?? 'native',
    hasButtons: !template && settings.buttons === true,
  };
}

/** Variables of the create call: with first words, so that the card is never blank. */
export function openingParams(
  { contentKey, family, hasButtons }: CardTemplate,
  text: string,
  willStream: boolean,
): Record<string, string> {
  const config = '{"autoLayout":true}';
  if (family === 'native')
    return { [contentKey]: text, config, ...(hasButtons ? { [STATE]: 'running' } : {}) };
  return {
    [contentKey]: text,
    flowStatus: willStream ? FLOW.inputting : FLOW.processing,
    staticMsgContent: '',
    // What the finished layout shows, in this order; the mark comes last.
    sys_full_json_obj: JSON.stringify({ order: [contentKey, 'staticMsgContent'] }),
    config,
  };
}

/**
 * Variables of the update that ends a card of the public templates: the finished layout shows this text, and under it
 * the mark of what an AI wrote.
 */
export function closingParams(
  { id, contentKey }: CardTemplate,
  text: string,
  mark: string | null = null,
): Record<string, string> {
  const params = { [contentKey]: text, flowStatus: FLOW.finished };
  if (id !== BLOCKS_TEMPLATE) return mark === null ? params : { ...params, staticMsgContent: mark };
  // This one shows its blocks when it is finished, and copies another variable (messaging reference §6.2, rule 7 of §6.6).
  const blocks = [text, ...(mark === null ? [] : [mark])];
  return {
    ...params,
    blockList: JSON.stringify(blocks.map((markdown) => ({ type: 0, markdown }))),
    copy_content: text,
  };
}

/** Choices of a form, as a JSON array of words. */
const CHOICES = 'carillonChoices';

/** Variables of the update while a person is asked to agree (`confirm`) or to answer (`form`), and when that is over. */
export const askingParams = (ask: Ask | null): Record<string, string> => ({
  [STATE]: ask?.kind ?? 'running',
  [CHOICES]: JSON.stringify(ask?.kind === 'form' ? ask.choices : []),
});

/** Variable of own templates that their buttons follow: stop while running; retry and thumbs when done. */
const STATE = 'carillonState';

/** Variables of the update that changes the buttons of an own template when its card has ended. */
export const endedParams = (isFailed: boolean): Record<string, string> => ({
  [STATE]: isFailed ? 'failed' : 'done',
});
