import { type AccessRules, accessRules, serviceSettings } from '@common/domain';
import type { z } from 'zod';

import type { LaneEvent } from '../inbound/lane-event';
import { aLaneEvent } from '../inbound/lane-event.fixture';
import { judgeAccess, judgeCommand, judgeQuestion } from './access-gate';
import type { Asker } from './asker';
import { anAsker } from './asker.fixture';

type Rules = z.input<typeof accessRules>;
const aGroup = { id: 'cid-group', kind: 'group' as const, title: null };
const withRules = (rules: Rules, message: Partial<LaneEvent['message']> = {}) =>
  aLaneEvent({ channel: { access: accessRules.parse(rules) }, message });
const verdict = (rules: Rules, asker: Partial<Asker> = {}, message = {}): string | null =>
  judgeAccess(withRules(rules, message), anAsker(asker))?.key ?? null;

describe('judgeAccess', () => {
  it('lets everybody in where there are no rules', () => {
    expect(verdict({})).toBeNull();
  });

  it.each<[string, AccessRules['allow'], Partial<Asker>]>([
    ['staff id', { people: ['staff-1'] }, {}],
    ['member id', { people: [anAsker().memberId] }, {}],
    ['department', { departments: ['d1', 'd2'] }, { departments: ['d2'] }],
    ['role', { roles: ['auditor'] }, { roles: ['member', 'auditor'] }],
  ])('knows people by their %s', (_way, rule, asker) => {
    expect(verdict({ allow: rule }, asker)).toBeNull();
    expect(verdict({ deny: rule }, asker)).toBe('accessDenied');
  });

  it('lets nobody in whom an allow list does not name', () => {
    expect(verdict({ allow: { people: ['staff-2'], departments: ['d1'] } })).toBe('accessDenied');
    expect(verdict({ allow: {} })).toBe('accessDenied');
  });

  it('opens a group, and only there', () => {
    const rules = { allow: { groups: ['cid-group'] } };
    expect(verdict(rules, {}, { conversation: aGroup })).toBeNull();
    expect(verdict(rules)).toBe('accessDenied');
    const direct = { id: 'cid-group', kind: 'direct' as const, title: null };
    expect(verdict(rules, {}, { conversation: direct })).toBe('accessDenied');
  });

  it('lets deny win over allow', () => {
    const rules = { allow: { departments: ['d1'] }, deny: { people: ['staff-1'] } };
    expect(verdict(rules, { departments: ['d1'] })).toBe('accessDenied');
  });

  it('knows direct chats, groups and people from outside', () => {
    expect(verdict({ direct: false })).toBe('directNotAllowed');
    expect(verdict({ direct: false }, {}, { conversation: aGroup })).toBeNull();
    expect(verdict({ group: false }, {}, { conversation: aGroup })).toBe('groupNotAllowed');
    const outsider = { ...aLaneEvent().message.sender, staffId: null };
    expect(verdict({ external: false }, {}, { sender: outsider })).toBe('externalNotAllowed');
    expect(verdict({}, {}, { sender: outsider })).toBeNull();
  });

  it('asks an administrator at first contact, and then waits', () => {
    const first = judgeAccess(withRules({ pairing: true }), anAsker());
    expect(first).toMatchObject({ key: 'pairingAsked', asksForApproval: true });
    expect(verdict({ pairing: true }, { pairing: 'pending' })).toBe('pairingPending');
    expect(verdict({ pairing: true }, { pairing: 'denied' })).toBe('accessDenied');
    expect(verdict({ pairing: true }, { pairing: 'approved' })).toBeNull();
  });

  it('asks for nobody’s approval whom a rule names, nor for an administrator’s', () => {
    expect(verdict({ pairing: true, allow: { people: ['staff-1'] } })).toBeNull();
    expect(verdict({ pairing: true }, { isAdmin: true })).toBeNull();
  });

  it('lets nobody in while the rules cannot be read', () => {
    const event = aLaneEvent({ channel: { access: null } });
    expect(judgeAccess(event, anAsker())?.key).toBe('accessUnreadable');
  });

  it('says what is so for everybody first', () => {
    const access = accessRules.parse({ deny: { people: ['staff-1'] } });
    const judge = (channel: Partial<LaneEvent['channel']>) =>
      judgeAccess(aLaneEvent({ channel: { access, ...channel } }), anAsker())?.key;
    expect(judge({ enabled: false })).toBe('channelDisabled');
    expect(judge({ service: serviceSettings.parse({ maintenance: true }) })).toBe('maintenance');
  });
});

describe('the hours of service', () => {
  // 2025-01-01 is a Wednesday; 10:00 UTC is 18:00 in Shanghai.
  const at = (to: string, message?: string) => {
    const hours = { spans: [{ days: [3], from: '09:00', to }], ...(message ? { message } : {}) };
    const service = serviceSettings.parse({ hours });
    return judgeAccess(aLaneEvent({ channel: { service } }), anAsker());
  };

  it('are those of their time zone', () => {
    expect(at('18:01')).toBeNull();
    expect(at('18:00')).toMatchObject({
      key: 'outsideHours',
      text: expect.stringContaining('Wed 09:00–18:00 Asia/Shanghai') as string,
    });
  });

  it('are told in the channel’s own words where it has some', () => {
    expect(at('18:00', 'Back at nine.')?.text).toBe('Back at nine.');
  });
});

describe('judgeQuestion', () => {
  const judge = (rules: Rules, asker: Partial<Asker>): string | undefined =>
    judgeQuestion(withRules(rules), anAsker(asker))?.key;
  const none = anAsker().taken;

  it('has no limits but the length of the queue', () => {
    const taken = { minuteQuestions: 9_999, minuteCommands: 0, dayQuestions: 9_999 };
    expect(judge({}, { taken, queued: 19 })).toBeUndefined();
    expect(judge({}, { queued: 20 })).toBe('queueFull');
    expect(judge({ maxQueued: 2 }, { queued: 2 })).toBe('queueFull');
  });

  it('keeps to what one person may ask', () => {
    const rules = { perMember: { perMinute: 2, perDay: 5 } };
    expect(judge(rules, { taken: { ...none, minuteQuestions: 1 } })).toBeUndefined();
    expect(judge(rules, { taken: { ...none, minuteQuestions: 2 } })).toBe('tooManyMessages');
    expect(judge(rules, { taken: { ...none, dayQuestions: 5 } })).toBe('dailyQuota');
  });

  it('keeps to what everybody may ask', () => {
    const rules = { perChannel: { perMinute: 2, perDay: 5 } };
    expect(judge(rules, { channelTaken: { minute: 2, day: 2 } })).toBe('channelBusy');
    expect(judge(rules, { channelTaken: { minute: 0, day: 5 } })).toBe('channelQuota');
  });
});

describe('judgeCommand', () => {
  const judge = (rules: Rules, asker: Partial<Asker> = {}): string | undefined =>
    judgeCommand(withRules(rules), anAsker(asker), 'models')?.key;

  it('keeps some for administrators', () => {
    expect(judge({ adminCommands: ['models'] })).toBe('commandForAdmins');
    expect(judge({ adminCommands: ['models'] }, { isAdmin: true })).toBeUndefined();
    expect(judge({ adminCommands: ['agents'] })).toBeUndefined();
  });

  it('does not run a flood of them', () => {
    const taken = { ...anAsker().taken, minuteCommands: 120 };
    expect(judge({}, { taken })).toBe('tooManyMessages');
  });
});
