import { Secret } from '@common/config';
import { correlation } from '@common/kernel';

import { PinoLogger } from './logger';

const logged = (fields: Record<string, unknown>): string => {
  const lines: string[] = [];
  const logger = new PinoLogger({
    service: 's',
    level: 'debug',
    destination: { write: (line) => lines.push(line) },
  });
  correlation.run({ correlationId: 'c-1' }, () => logger.info('something happened', fields));
  return lines.join('');
};

describe('PinoLogger', () => {
  it('takes secrets out of fields, nested ones and errors', () => {
    const line = logged({
      clientSecret: 'hunter2',
      nested: {
        accessToken: 'hunter2',
        headers: { Authorization: 'Bearer hunter2' },
        held: new Secret('hunter2'),
      },
      error: new Error('connect to postgres://carillon:hunter2@host failed, ticket=hunter2&x=1'),
      reply: 'https://oapi.dingtalk.com/robot/sendBySession?session=hunter2',
    });
    expect(line).not.toContain('hunter2');
    expect(line).toContain('postgres://carillon:***@host');
  });

  it('puts service and correlation id on every line', () => {
    expect(JSON.parse(logged({ turnId: 't' }))).toMatchObject({
      service: 's',
      correlationId: 'c-1',
      turnId: 't',
    });
  });

  it('keeps counts and flags whose names sound like secrets', () => {
    expect(JSON.parse(logged({ tokens: 12, hasSecret: true }))).toMatchObject({
      tokens: 12,
      hasSecret: true,
    });
  });
});
