import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import { DingTalkClient, DingTalkError, DingTalkScopeMissingError } from '@common/dingtalk';
import { Clock, derivedId, SecretBox } from '@common/kernel';
import { Database, type Tx } from '@common/persistence';

import { MapperHook } from './mapper-hook.client';
import { MemberUnknownError } from './mapping.errors';
import { MappingRepository, type Newcomer } from './mapping.repository';
import { MemberResolver } from './member-resolver.service';
import { identityOf } from './sender-identity';

/** What the world outside said about a sender; put into rows afterwards, in one transaction. */
type Found = (tx: Tx) => Promise<string | null>;

/** Finds the member a sender means by the channel's mapping. Calls over the network come first, no transaction is open. */
@Injectable()
export class IdentityFinder {
  constructor(
    private readonly rows: MappingRepository,
    private readonly members: MemberResolver,
    private readonly hook: MapperHook,
    private readonly platform: DingTalkClient,
    private readonly database: Database,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** @throws MemberUnknownError with the sentence for the asker; DatabaseUnavailableError */
  async find(newcomer: Newcomer, keep: (tx: Tx, memberId: string) => Promise<void>): Promise<void> {
    const found = await this.lookUp(newcomer);
    await this.database.inTenant(newcomer.tenantId, async (tx) => {
      const memberId = await found(tx);
      if (memberId === null) throw new MemberUnknownError('memberUnknown');
      await keep(tx, memberId);
    });
  }

  private async lookUp(newcomer: Newcomer): Promise<Found> {
    const { mode } = newcomer.channel.mapping;
    if (mode === 'fixed') return (tx) => this.fixed(tx, newcomer);
    if (mode === 'http') return this.byHook(newcomer);
    if (mode === 'email' || mode === 'mobile') return this.byDirectory(newcomer, mode);
    return (tx) => this.itself(tx, newcomer);
  }

  /** The platform identity itself: people from outside have no other. */
  private async itself(tx: Tx, { tenantId, channel, message }: Newcomer): Promise<string | null> {
    const identity = identityOf(message.sender, channel.id, channel.mapping);
    const known = await this.rows.memberOfIdentity(tx, tenantId, identity);
    if (known !== null || !channel.mapping.autoCreate) return known;
    return this.members.makeOf(tx, tenantId, identity, message.sender.name);
  }

  private async fixed(tx: Tx, { tenantId, channel }: Newcomer): Promise<string | null> {
    const { memberId } = channel.mapping;
    if (memberId) return (await this.rows.hasMember(tx, tenantId, memberId)) ? memberId : null;
    const id = derivedId('member of channel', channel.id);
    await this.rows.member(tx, tenantId, { id, name: channel.name, attributes: {} });
    return id;
  }

  private async byHook(newcomer: Newcomer): Promise<Found> {
    const person = await this.hook.ask(newcomer, this.clock.now());
    if (!person) return () => Promise.resolve(null);
    const { tenantId, channel, message } = newcomer;
    const id = derivedId('member', tenantId, 'external', person.id);
    const name = person.name === '' ? (message.sender.name ?? '') : person.name;
    const { departments, roles } = person;
    return async (tx) => {
      if (!channel.mapping.autoCreate && !(await this.rows.hasMember(tx, tenantId, id)))
        return null;
      const attributes = { externalId: person.id, departments, roles };
      await this.rows.member(tx, tenantId, { id, name, attributes });
      return id;
    };
  }

  private async byDirectory(newcomer: Newcomer, by: 'email' | 'mobile'): Promise<Found> {
    const { tenantId, channel, message } = newcomer;
    const { staffId, name } = message.sender;
    // The directory knows only the organisation's own people.
    if (staffId === null) return (tx) => this.itself(tx, newcomer);
    const person = await this.person(newcomer, staffId);
    const value = by === 'email' ? person?.email?.toLowerCase() : person?.mobile;
    if (!person || !value) return () => Promise.resolve(null);
    const attributes = { [by]: value, departments: person.departmentIds };
    return async (tx) => {
      const known = await this.rows.memberBy(tx, tenantId, by, value);
      if (known === null && !channel.mapping.autoCreate) return null;
      const id = known ?? derivedId('member', tenantId, by, value);
      await this.rows.member(tx, tenantId, { id, name: person.name ?? name ?? '', attributes });
      return id;
    };
  }

  private async person({ channel }: Newcomer, staffId: string) {
    const clientSecret = new Secret(this.secrets.openText(channel.clientSecret));
    try {
      const app = { clientId: channel.clientId, clientSecret, endpoint: channel.endpoint };
      return await this.platform.directory.person(app, staffId);
    } catch (error) {
      if (error instanceof DingTalkScopeMissingError)
        throw new MemberUnknownError(
          'lookUpNotPermitted',
          { permission: error.requiredScopes.join(', ') },
          error,
        );
      if (error instanceof DingTalkError) throw new MemberUnknownError('lookUpFailed', {}, error);
      throw error;
    }
  }
}
