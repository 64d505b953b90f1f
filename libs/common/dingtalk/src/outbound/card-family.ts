import type { CardSettings } from '@common/domain';

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
}

/** Usable by any app, so it is the default. */
const PUBLIC_TEMPLATE = '02fcf2f4-5e02-4a85-b672-46d1f715543e.schema';

/** Streaming key of the known templates; those with `flowStatus` are named. */
const known: Readonly<Record<string, { contentKey: string; family: CardFamily }>> = {
  [PUBLIC_TEMPLATE]: { contentKey: 'msgContent', family: 'flow_status' },
  '382e4302-551d-4880-bf29-a30acfab2e71.schema': {
    contentKey: 'msgContent',
    family: 'flow_status',
  },
  '675cde2f-f526-40cb-b828-f5b2b57b8b77.schema': { contentKey: 'content', family: 'flow_status' },
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
  };
}

/** Variables of the create call: with first words, so that the card is never blank. */
export function openingParams(
  { contentKey, family }: CardTemplate,
  text: string,
  willStream: boolean,
) {
  if (family === 'native') return { [contentKey]: text, config: '{"autoLayout":true}' };
  return {
    [contentKey]: text,
    flowStatus: willStream ? FLOW.inputting : FLOW.processing,
    staticMsgContent: '',
    sys_full_json_obj: JSON.stringify({ order: [contentKey] }),
    config: '{"autoLayout":true}',
  };
}

/** Variables of the update that ends a card of the public templates: the finished layout shows this text. */
export const closingParams = (
  { contentKey }: CardTemplate,
  text: string,
): Record<string, string> => ({
  [contentKey]: text,
  flowStatus: FLOW.finished,
});
