import { aSender } from '@common/testing';

import { identityOf } from './sender-identity';

const CHANNEL = 'channel-1';

describe('identityOf', () => {
  it('takes the staff id, which is unique in its organisation', () => {
    expect(identityOf(aSender(), CHANNEL)).toEqual({
      kind: 'staff',
      realm: 'dingcorp',
      value: 'staff-1',
    });
  });

  it('P6 keeps equal staff ids of two organisations apart', () => {
    const here = identityOf(aSender(), CHANNEL);
    const there = identityOf(aSender({ corpId: 'other' }), CHANNEL);
    expect(here.realm).not.toBe(there.realm);
  });

  it('trusts a staff id without organisation within its channel only', () => {
    expect(identityOf(aSender({ corpId: null }), CHANNEL).realm).toBe(CHANNEL);
  });

  it('C52 knows people outside the organisation by their union id', () => {
    expect(identityOf(aSender({ staffId: null }), CHANNEL)).toEqual({
      kind: 'union',
      realm: 'dingtalk',
      value: 'union-1',
    });
  });

  it('C52 knows the others by an id that means something to this bot alone', () => {
    expect(identityOf(aSender({ staffId: null, unionId: null }), CHANNEL)).toEqual({
      kind: 'opaque',
      realm: CHANNEL,
      value: '$:LWCP_v1:$opaque',
    });
  });

  it('takes senders without any id for one person of this channel', () => {
    const nobody = aSender({ staffId: null, unionId: null, opaqueId: null });
    expect(identityOf(nobody, CHANNEL)).toMatchObject({ kind: 'opaque', value: 'unknown' });
  });
});
