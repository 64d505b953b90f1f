import { reaches, roles } from './role';

describe('roles', () => {
  it('reach themselves and everything before them', () => {
    for (const [at, role] of roles.entries())
      expect(roles.filter((needed) => reaches(role, needed))).toEqual(roles.slice(0, at + 1));
  });
});
