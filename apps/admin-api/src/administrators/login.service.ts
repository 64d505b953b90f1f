import { Injectable } from '@nestjs/common';

import { Clock, isUuid, SecretBox } from '@common/kernel';

import { LoginBrake } from '../auth/login-brake.repository';
import { newSessionToken } from '../auth/session-token';
import { SessionsOfAdministrators } from '../auth/sessions.repository';
import { ApiError, ConflictError } from '../http/api.errors';
import { type AdministratorRow, AdministratorsRepository } from './administrators.repository';
import { hashOfPassword, isPassword } from './passwords';
import { newSecondFactor, periodOfCode } from './second-factor';

interface From {
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Opens sessions: password, second factor, and a brake for those who guess. */
@Injectable()
export class LoginService {
  constructor(
    private readonly people: AdministratorsRepository,
    private readonly sessions: SessionsOfAdministrators,
    private readonly brake: LoginBrake,
    private readonly box: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** @throws ApiError 401 `login_failed`, `code_required`; 429: nobody learns which part was wrong before the password is right */
  async login(
    given: {
      readonly email: string;
      readonly password: string;
      readonly code?: string | undefined;
    },
    from: From,
  ): Promise<{ token: string; person: AdministratorRow }> {
    const { email, password, code } = given;
    await this.brake.check(email, from.ip);
    const person = await this.people.byEmail(email);
    const isRight = await isPassword(person?.password_hash, password);
    if (!person || !isRight) return this.fail(email, from);
    if (person.totp_confirmed_at !== null) {
      if (code === undefined)
        throw new ApiError(401, 'code_required', 'Send the code of your authenticator app, too.');
      if (!(await this.isCode(person, code))) return this.fail(email, from);
    }
    await this.brake.succeeded(email);
    const token = newSessionToken();
    await this.sessions.open(token, person.id, from);
    await this.people.noteLogin(person.id);
    return { token, person };
  }

  /** @returns the hash of the next password */
  async changePassword(
    id: string,
    given: { readonly current: string; readonly next: string },
    from: From,
    token: string | undefined,
  ): Promise<string> {
    const person = await this.own(id);
    await this.brake.check(person.email, from.ip);
    if (!(await isPassword(person.password_hash, given.current)))
      await this.fail(person.email, from);
    const hash = await hashOfPassword(given.next);
    await this.sessions.endAll(id, token);
    return hash;
  }

  /** @throws ConflictError when a second factor is on already */
  async proposeTotp(id: string): Promise<{ secret: string; url: string }> {
    const factor = newSecondFactor((await this.own(id)).email);
    if (!(await this.people.proposeTotp(id, this.box.seal(factor.secret))))
      throw new ConflictError('totp_on', 'A second factor is on; an owner may take it away.');
    return factor;
  }

  async confirmTotp(id: string, code: string, from: From): Promise<void> {
    const person = await this.own(id);
    await this.brake.check(person.email, from.ip);
    if (!(await this.isCode(person, code))) await this.fail(person.email, from);
    await this.people.confirmTotp(id);
  }

  private async own(id: string): Promise<AdministratorRow> {
    const person = isUuid(id) ? await this.people.byId(id) : undefined;
    if (!person)
      throw new ConflictError('no_administrator', 'Only administrators who logged in have this.');
    return person;
  }

  private async isCode(person: AdministratorRow, code: string): Promise<boolean> {
    if (!person.totp_secret) return false;
    const period = periodOfCode(this.box.openText(person.totp_secret), code, this.clock.now());
    return period !== null && this.people.useCode(person.id, period);
  }

  private async fail(email: string, { ip }: From): Promise<never> {
    await this.brake.failed(email, ip);
    throw new ApiError(401, 'login_failed', 'E-mail address, password or code are wrong.');
  }
}
