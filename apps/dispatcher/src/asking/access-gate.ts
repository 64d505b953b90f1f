import type { AccessRules, PeopleRule, SentenceKey } from '@common/domain';
import { referenceOf, say } from '@common/domain';

import type { LaneEvent } from '../inbound/lane-event';
import type { Asker } from './asker';
import { hoursInWords, isWithinHours } from './service-hours';

/** Why somebody is not answered. */
export interface Refusal {
  /** Kept as the event's cause. */
  readonly key: SentenceKey;
  readonly text: string;
  /** First contact: an administrator is asked. */
  readonly asksForApproval?: boolean;
}

/** What somebody wants to be heard with: a message, or a click on a card that came of one. */
export interface Claim {
  readonly receivedAt: Date;
  readonly channel: Pick<LaneEvent['channel'], 'access' | 'enabled' | 'service' | 'busy'>;
  readonly message: {
    readonly conversation: Pick<LaneEvent['message']['conversation'], 'id' | 'kind'>;
    readonly sender: Pick<LaneEvent['message']['sender'], 'staffId' | 'unionId'>;
  };
}

type Judge = (claim: Claim, asker: Asker, access: AccessRules) => Refusal | null;

/**
 * Whether somebody may be heard at all: decided before anything of theirs is downloaded, shown or asked. Pure; the first
 * rule that says no wins, the general ones first.
 */
export function judgeAccess(event: Claim, asker: Asker): Refusal | null {
  const { access, enabled } = event.channel;
  if (!enabled) return refusal('channelDisabled', asker);
  if (!access) return refusal('accessUnreadable', asker);
  for (const judge of [service, place, rules, pairing]) {
    const refused = judge(event, asker, access);
    if (refused) return refused;
  }
  return null;
}

/** Whether there is room for one more question of this person. */
export function judgeQuestion({ channel }: Claim, asker: Asker): Refusal | null {
  if (!channel.access) return refusal('accessUnreadable', asker);
  const { perMember, perChannel, maxQueued } = channel.access;
  const { taken, channelTaken } = asker;
  if (isOver(taken.minuteQuestions, perMember.perMinute)) return refusal('tooManyMessages', asker);
  if (isOver(taken.dayQuestions, perMember.perDay)) return refusal('dailyQuota', asker);
  if (isOver(channelTaken.minute, perChannel.perMinute)) return refusal('channelBusy', asker);
  if (isOver(channelTaken.day, perChannel.perDay)) return refusal('channelQuota', asker);
  // Merged questions take no place; their turn's own limit holds.
  if (channel.busy === 'queue' && asker.queued >= maxQueued)
    return refusal('queueFull', asker, { count: String(asker.queued) });
  return null;
}

/**
 * Whether this person's command may run: not too many, and some are for administrators.
 * @param command null: it is no command, but it is answered in one sentence as they are
 */
export function judgeCommand(
  { channel }: Claim,
  asker: Asker,
  command: string | null,
): Refusal | null {
  if (!channel.access) return refusal('accessUnreadable', asker);
  const { adminCommands, commandsPerMinute } = channel.access;
  if (isOver(asker.taken.minuteCommands, commandsPerMinute))
    return refusal('tooManyMessages', asker);
  if (command !== null && adminCommands.includes(command) && !asker.isAdmin)
    return refusal('commandForAdmins', asker);
  return null;
}

const service: Judge = ({ channel, receivedAt }, asker) => {
  const { maintenance, maintenanceMessage, hours } = channel.service;
  if (maintenance) return refusal('maintenance', asker, {}, maintenanceMessage);
  if (!hours || isWithinHours(hours, receivedAt)) return null;
  const words = { hours: hoursInWords(hours, asker.locale) };
  return refusal('outsideHours', asker, words, hours.message);
};

const place: Judge = ({ message }, asker, access) => {
  const { kind } = message.conversation;
  if (kind === 'direct' && !access.direct) return refusal('directNotAllowed', asker);
  if (kind === 'group' && !access.group) return refusal('groupNotAllowed', asker);
  if (!access.external && message.sender.staffId === null)
    return refusal('externalNotAllowed', asker);
  return null;
};

const rules: Judge = (event, asker, { allow, deny }) => {
  if (deny && names(deny, event, asker)) return refusal('accessDenied', asker);
  if (allow && !names(allow, event, asker)) return refusal('accessDenied', asker);
  return null;
};

const pairing: Judge = (event, asker, access) => {
  // Whoever got past an allow list was named by an administrator already.
  if (!access.pairing || access.allow || asker.isAdmin || asker.pairing === 'approved') return null;
  const ref = { ref: referenceOf(asker.memberId) };
  if (asker.pairing === 'denied') return refusal('accessDenied', asker);
  if (asker.pairing === 'pending') return refusal('pairingPending', asker, ref);
  return { ...refusal('pairingAsked', asker, ref), asksForApproval: true };
};

/** Whether a rule means this person here. */
function names(rule: PeopleRule, { message }: Claim, asker: Asker): boolean {
  const { staffId, unionId } = message.sender;
  const { conversation } = message;
  const isIn = (list: readonly string[] | undefined, ...values: readonly (string | null)[]) =>
    values.some((value) => value !== null && (list?.includes(value) ?? false));
  return (
    isIn(rule.people, staffId, unionId, asker.memberId) ||
    isIn(rule.departments, ...asker.departments) ||
    isIn(rule.roles, ...asker.roles) ||
    (conversation.kind === 'group' && isIn(rule.groups, conversation.id))
  );
}

const isOver = (taken: number, limit: number | undefined): boolean =>
  limit !== undefined && taken >= limit;

const refusal = (
  key: SentenceKey,
  { locale }: Asker,
  values: Readonly<Record<string, string>> = {},
  ownWords?: string,
): Refusal => ({ key, text: ownWords ?? say(key, locale, values) });
