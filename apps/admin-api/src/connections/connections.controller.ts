import { Get, Query } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { ZodResponse } from 'nestjs-zod';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso, isoOrNull } from '../http/wire';
import {
  ConnectionListDto,
  connectionPosition,
  type ConnectionView,
  GatewayListDto,
  type GatewayView,
  ListConnectionsDto,
} from './connections.dto';
import {
  type ConnectionRow,
  ConnectionsRepository,
  type GatewayRow,
} from './connections.repository';

/** Which gateway holds which channel. */
@ApiResource('connections')
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsRepository) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({ summary: 'List connections by gateway' })
  @ZodResponse({ status: 200, type: ConnectionListDto })
  async list(
    @Who() { tenantId }: Caller,
    @Query() query: ListConnectionsDto,
  ): Promise<Page<ConnectionView>> {
    const after = readCursor(query.cursor, connectionPosition);
    const rows = await this.connections.list(tenantId, query, after, rowsWanted(query.limit));
    return toPage(rows, query.limit, { view, position: (row) => [row.gatewayId, row.channelId] });
  }

  @Get('gateways')
  @Allow('viewer')
  @ApiOperation({ summary: 'Gateways, and how many channels of the tenant each holds' })
  @ZodResponse({ status: 200, type: GatewayListDto })
  async gateways(@Who() { tenantId }: Caller): Promise<Page<GatewayView>> {
    const rows = await this.connections.gateways(tenantId);
    return { items: rows.map(gatewayView), nextCursor: null };
  }
}

const view = ({ connectedAt, changedAt, ...row }: ConnectionRow): ConnectionView => ({
  ...row,
  connectedAt: isoOrNull(connectedAt),
  changedAt: iso(changedAt),
});

const gatewayView = ({ startedAt, seenAt, ...row }: GatewayRow): GatewayView => ({
  ...row,
  startedAt: iso(startedAt),
  seenAt: iso(seenAt),
});
