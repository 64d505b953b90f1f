import { storeEnv } from './store.env';
import { validatedEnv } from './validated-env';

class Stores extends validatedEnv(
  storeEnv.pick({ DATABASE_URL: true, DATABASE_DIRECT_URL: true, REDIS_URL: true }),
) {}

describe('the addresses of the stores', () => {
  it.each([
    ['postgres://user:password@host:5432/carillon', 'redis://:password@host:6379/2'],
    ['postgresql:///carillon?host=/var/run/postgresql', 'rediss://host'],
  ])('are taken: %s, %s', (DATABASE_URL, REDIS_URL) => {
    const stores = new Stores({ DATABASE_URL, REDIS_URL });
    expect([stores.DATABASE_URL.reveal(), stores.REDIS_URL.reveal()]).toEqual([
      DATABASE_URL,
      REDIS_URL,
    ]);
  });

  it('P8 are all named when they are none, and not repeated', () => {
    const wrong = {
      DATABASE_URL: 'mysql://hunter2@host/db',
      DATABASE_DIRECT_URL: 'hunter2',
      REDIS_URL: 'redis://hunter2:port/x y:z@',
    };
    const attempt = () => new Stores(wrong);
    expect(attempt).toThrow(
      /DATABASE_URL: must be an address that begins with postgres:[\s\S]*DATABASE_DIRECT_URL: must[\s\S]*REDIS_URL: must/,
    );
    expect(attempt).not.toThrow(/hunter2/);
  });
});
