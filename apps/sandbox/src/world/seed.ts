import type { Directory } from './directory';
import { ALL_SCOPES } from './directory.types';

const PEOPLE: readonly (readonly [userId: string, name: string, isAdmin: boolean])[] = [
  ['0101', '王小明', true],
  ['0102', '李雷', false],
  ['0103', 'Alice Green', false],
  ['0104', 'Bob Fischer', false],
  ['0105', '韩梅梅', false],
];
const BOTS = [
  ['dingsandboxbot1', 'sandbox-secret-1', '小钟 Carillon'],
  ['dingsandboxbot2', 'sandbox-secret-2', 'Bell'],
] as const;

/** One corp that is worth talking to: five people, two groups, two bots in both, one custom robot. */
export function seedDirectory(directory: Directory): void {
  for (const [userId, name, isAdmin] of PEOPLE) {
    directory.putPerson({ userId, unionId: `union-${userId}`, name, isAdmin, external: false });
  }
  for (const [clientId, clientSecret, name] of BOTS) {
    directory.putApp({
      clientId,
      oldSecrets: [],
      clientSecret,
      name,
      robotCode: clientId,
      streamMode: true,
      published: true,
      scopes: ALL_SCOPES,
    });
  }
  const botIds = () => BOTS.map(([clientId]) => clientId);
  const everyone = PEOPLE.map(([userId]) => userId);
  directory.putGroup({
    groupId: 'group1',
    title: '产品讨论组',
    memberIds: everyone,
    botIds: botIds(),
  });
  directory.putGroup({
    groupId: 'group2',
    title: 'Engineering',
    memberIds: ['0101', '0103', '0104'],
    botIds: botIds(),
  });
  directory.putCustomRobot({
    token: 'sandbox-custom-robot',
    groupId: 'group1',
    name: 'Alert robot',
    secret: 'SECsandbox',
    keywords: [],
  });
}
