import { targetOf } from './delivery-target';
import { aLaneEvent } from './lane-event.fixture';

it('answers where the question came from', () => {
  const message = { conversation: { id: 'cid-9', kind: 'group' as const, title: 'Team' } };
  expect(targetOf(aLaneEvent({ message }))).toEqual({
    kind: 'group',
    conversationId: 'cid-9',
    staffId: 'staff-1',
    name: 'Ada',
    robotCode: 'robot-1',
  });
});

it('takes the robot code of the channel, else its client id, when the message has none', () => {
  const message = { robotCode: null };
  expect(targetOf(aLaneEvent({ message })).robotCode).toBe('robot-of-channel');
  expect(targetOf(aLaneEvent({ message, channel: { robotCode: null } })).robotCode).toBe('ding1');
});
