import { randomBytes } from 'node:crypto';

import { SecretBox } from '@common/kernel';
import type { Database } from '@common/persistence';
import { ManualClock, RecordingLogger, standIn } from '@common/testing';

import { type KeyView, SealingKey } from './sealing-key';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [one, two, other] = [key('k1'), key('k2'), key('k2')];
const knownOf = (spec: string): string[] => {
  const box = SecretBox.parse(spec);
  return box.keyIds.map((id) => `${id}#${box.fingerprintOf(id)}`);
};
const [old, both] = [knownOf(one), knownOf(`${two},${one}`)];

/** A process with these keys, and what its heartbeats bring back. */
async function aProcess(
  spec: string,
  view: Partial<KeyView>,
  { isAway = false, isReadOnly = false } = {},
) {
  const box = SecretBox.parse(spec);
  box.sealWith(box.keyIds.at(-1) ?? '');
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const postgres = { isAway, view: { others: [], inUse: [], ...view } as KeyView };
  const said: unknown[] = [];
  const sealing = new SealingKey(
    box,
    standIn<Database>({
      platformOnce: <Row>(statement: unknown, values: readonly unknown[] = []) => {
        if (postgres.isAway) return Promise.reject(new Error('gone'));
        const [word = ''] = String(statement).trim().split(' ');
        if (isReadOnly && word !== 'SELECT') return Promise.reject(new Error('read only'));
        if (word !== 'SELECT') said.push(`${word} ${String(values[word === 'UPDATE' ? 1 : 0])}`);
        return Promise.resolve((word === 'SELECT' ? [postgres.view] : []) as Row[]);
      },
    }),
    clock,
    logger,
  );
  await sealing.begin('me');
  const look = (next: Partial<KeyView> = {}, isSteady = true) => {
    postgres.view = { ...postgres.view, ...next };
    return sealing.look(postgres.view, isSteady);
  };
  return { box, clock, logger, sealing, look, said, postgres };
}

describe('the key that seals', () => {
  it('is the first in a fresh installation, and the only one there is', async () => {
    expect((await aProcess(`${two},${one}`, {})).box.sealingKeyId).toBe('k2');
    expect((await aProcess(one, {})).box.sealingKeyId).toBe('k1');
  });

  it('is the old one while anybody knows no other, wherever the new one stands', async () => {
    for (const spec of [`${two},${one}`, `${one},${two}`]) {
      const { box, sealing } = await aProcess(spec, { others: [old, both], inUse: ['k1'] });
      expect(box.sealingKeyId).toBe('k1');
      expect(sealing.said).toBe('k1');
    }
  });

  it('is the new one when all have known it for six seconds; its row says so when nothing else is in the air', async () => {
    const { box, clock, sealing, look, said } = await aProcess(`${two},${one}`, {
      others: [old],
      inUse: ['k1'],
    });
    await look({ others: [both] });
    clock.jump(5_999);
    await look();
    expect(box.sealingKeyId).toBe('k1');
    clock.jump(1);
    await look();
    expect([box.sealingKeyId, sealing.said]).toEqual(['k2', 'k1']);
    expect(said).toEqual(['INSERT k1', 'INSERT k2']);
    clock.jump(6_000);
    expect(sealing.said).toBe('k2');
  });

  it('stays while processes come and go, and after Postgres was away until the living are seen again', async () => {
    const { box, clock, sealing, look } = await aProcess(`${two},${one}`, {
      others: [both],
      inUse: ['k1'],
    });
    await look();
    clock.jump(4_000);
    await look({ others: [both, old] });
    await look({ others: [both] });
    clock.jump(4_000);
    await look();
    sealing.loseSight();
    clock.jump(60_000);
    await look({}, false);
    clock.jump(6_000);
    await look({}, false);
    expect(box.sealingKeyId).toBe('k1');
    await look();
    expect(box.sealingKeyId).toBe('k2');
  });

  it('is at once the new one where rows are sealed with it already', async () => {
    const started = await aProcess(`${two},${one}`, { others: [both], inUse: ['k1', 'k2'] });
    expect([started.box.sealingKeyId, started.sealing.said]).toEqual(['k2', 'k2']);
  });

  it('is the old one again when somebody comes who knows no other, and the row says so before', async () => {
    const { box, sealing, look, said } = await aProcess(`${two},${one}`, {
      others: [both],
      inUse: ['k2'],
    });
    await look({ others: [both, old] });
    expect([box.sealingKeyId, sealing.said]).toEqual(['k1', 'k1']);
    expect(said).toEqual(['INSERT k2', 'INSERT k1', 'UPDATE k1']);
  });

  it('counts what older releases say: the key they seal with, or nothing', async () => {
    const view = { others: [['k1']], inUse: ['k1'] };
    expect((await aProcess(`${two},${one}`, view)).box.sealingKeyId).toBe('k1');
    const silent = { others: [[null]], inUse: ['k1'] };
    expect((await aProcess(`${two},${one}`, silent)).box.sealingKeyId).toBe('k1');
  });

  it('is not the new one while another process has a different key of its id', async () => {
    const { box, clock, look } = await aProcess(`${two},${one}`, {
      others: [knownOf(`${other},${one}`)],
      inUse: ['k1'],
    });
    clock.jump(60_000);
    await look();
    expect(box.sealingKeyId).toBe('k1');
  });

  it('is the oldest when Postgres is away from the beginning, and stays when it goes away', async () => {
    const { box, postgres, look, sealing } = await aProcess(`${two},${one}`, {
      others: [old],
      inUse: ['k1'],
    });
    postgres.isAway = true;
    await expect(look({ others: [both], inUse: ['k2'] })).rejects.toThrow('gone');
    expect(box.sealingKeyId).toBe('k1');
    await sealing.begin('me');
    expect(box.sealingKeyId).toBe('k1');
  });

  it('is written down as soon as Postgres is there, if it was not at the beginning', async () => {
    const { postgres, look, said } = await aProcess(one, {}, { isAway: true });
    await expect(look()).rejects.toThrow('gone');
    postgres.isAway = false;
    await look();
    await look();
    expect(said).toEqual(['INSERT k1']);
  });

  it('is not one that could not be written down', async () => {
    const { box, look } = await aProcess(`${two},${one}`, {}, { isReadOnly: true });
    expect(box.sealingKeyId).toBe('k1');
    await expect(look()).rejects.toThrow('read only');
    expect(box.sealingKeyId).toBe('k1');
  });
});

describe('a key that others have and this process lacks', () => {
  it('is told once, and what it sealed is left to them until nobody has had it for ten minutes', async () => {
    const { box, clock, logger, look } = await aProcess(one, {});
    const foreign = SecretBox.parse(two).seal('x');
    expect(box.isForOthers(foreign)).toBe(false);

    await look({ others: [both], inUse: ['k1', 'k2'] });
    await look();
    expect(logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { keyId: 'k2' } },
    ]);
    expect(box.isForOthers(null, foreign)).toBe(true);
    expect(() => box.open(foreign)).toThrow(
      expect.objectContaining({ code: 'unknown_master_key', retry: { afterMs: 5_000 } }),
    );

    clock.jump(600_000);
    await look({ others: [] });
    expect(box.isForOthers(foreign)).toBe(true);
    clock.jump(1);
    await look();
    expect(box.isForOthers(foreign)).toBe(false);
    expect(() => box.open(foreign)).toThrow(expect.objectContaining({ retry: 'never' }));
  });
});
