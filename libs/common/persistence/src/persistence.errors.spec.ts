import { isDatabaseAway, isPassingFailure } from './persistence.errors';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

describe('failures that pass', () => {
  it.each(['57P01', '57P03', '53300', '08006', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])(
    '%s: the database is away',
    (code) => expect(isDatabaseAway(withCode(code))).toBe(true),
  );

  it.each(['40001', '40P01', '55P03', '57014', '57P01', '25006'])(
    '%s says nothing about what was written',
    (code) => expect(isPassingFailure(withCode(code))).toBe(true),
  );

  it.each(['23505', '22P05', '42P01', '08P01'])('%s is somebody’s fault', (code) => {
    expect(isPassingFailure(withCode(code))).toBe(false);
  });
});
