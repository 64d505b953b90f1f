import { Body, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ZodResponse } from 'nestjs-zod';

import { Allow, Public } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { csrfTokenOf, sessionTokenOf, setSessionCookie } from '../auth/session-token';
import { SessionsOfAdministrators } from '../auth/sessions.repository';
import { TenantChoice } from '../auth/tenant-choice.service';
import { ChangeLog } from '../changes/change-log';
import { ApiResource } from '../http/api-resource.decorator';
import {
  ChangePasswordDto,
  ConfirmTotpDto,
  LoginDto,
  type SessionInfo,
  SessionInfoDto,
  TotpDto,
} from './administrators.dto';
import { AdministratorsService } from './administrators.service';
import { LoginService } from './login.service';

/** The one who asks: logging in and out, password and second factor. */
@ApiResource('session')
export class SessionController {
  constructor(
    private readonly logins: LoginService,
    private readonly people: AdministratorsService,
    private readonly sessions: SessionsOfAdministrators,
    private readonly tenants: TenantChoice,
    private readonly changes: ChangeLog,
  ) {}

  @Post()
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Log in: sets the cookie of the session' })
  @ZodResponse({ status: 200, type: SessionInfoDto })
  async login(
    @Body() given: LoginDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionInfo> {
    const { token, person } = await this.logins.login(given, fromOf(request));
    const { id, name, role, tenant_id: ownTenant } = person;
    const tenantId = await this.tenants.of({ id, name, role, tenantId: ownTenant }, undefined);
    await this.noteLogin({ id, name, role, tenantId, isPlatform: ownTenant === null }, request);
    setSessionCookie(request, response, token);
    return {
      ...{ kind: 'administrator', id, name, role, tenantId },
      ...{ platform: ownTenant === null, csrfToken: csrfTokenOf(token) },
    };
  }

  private noteLogin(
    {
      id,
      name,
      ...who
    }: Pick<Caller, 'role' | 'tenantId' | 'isPlatform'> & { id: string; name: string },
    request: Request,
  ): Promise<void> {
    const caller = {
      ...who,
      ...fromOf(request),
      kind: 'administrator',
      keyId: id,
      keyName: name,
    } as const;
    return this.changes.noteRead(caller, { action: 'session.login', resourceId: id, filter: null });
  }

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'Who is asking, by session or by key' })
  @ZodResponse({ status: 200, type: SessionInfoDto })
  who(@Who() caller: Caller, @Req() request: Request): SessionInfo {
    const token = caller.kind === 'administrator' ? sessionTokenOf(request) : undefined;
    return {
      ...{ kind: caller.kind, id: caller.keyId, name: caller.keyName, role: caller.role },
      ...{ tenantId: caller.tenantId, platform: caller.isPlatform },
      csrfToken: token === undefined ? null : csrfTokenOf(token),
    };
  }

  @Delete()
  @Allow('viewer')
  @HttpCode(204)
  @ApiOperation({ summary: 'Log out' })
  @ApiNoContentResponse()
  async logout(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const token = sessionTokenOf(request);
    if (token !== undefined) await this.sessions.end(token);
    setSessionCookie(request, response, null);
  }

  @Post('password')
  @Allow('viewer')
  @HttpCode(204)
  @ApiOperation({ summary: 'Change one’s own password; other sessions end' })
  @ApiNoContentResponse()
  async password(
    @Who() caller: Caller,
    @Body() given: ChangePasswordDto,
    @Req() request: Request,
  ): Promise<void> {
    const token = sessionTokenOf(request);
    const hash = await this.logins.changePassword(caller.keyId, given, fromOf(request), token);
    await this.people.setOwnPassword(caller, hash);
  }

  @Post('totp')
  @Allow('viewer')
  @HttpCode(200)
  @ApiOperation({ summary: 'Begin with a second factor: a secret for the authenticator app' })
  @ZodResponse({ status: 200, type: TotpDto })
  totp(@Who() caller: Caller): Promise<{ secret: string; url: string }> {
    return this.logins.proposeTotp(caller.keyId);
  }

  @Post('totp/confirm')
  @Allow('viewer')
  @HttpCode(204)
  @ApiOperation({ summary: 'Turn the second factor on, with a first code' })
  @ApiNoContentResponse()
  async confirm(
    @Who() caller: Caller,
    @Body() { code }: ConfirmTotpDto,
    @Req() request: Request,
  ): Promise<void> {
    await this.logins.confirmTotp(caller.keyId, code, fromOf(request));
  }
}

const fromOf = (request: Request) => ({
  ip: request.ip ?? null,
  userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
});
