import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { OutsideQuestion } from './agent.port';

/** What Dify calls the sessions of an agent. */
@Injectable()
export class DifyConversations {
  constructor(private readonly database: Database) {}

  async find({ tenantId, sessionId, agentId }: OutsideQuestion): Promise<string | null> {
    const [row] = await this.database.inTenantOnce<{ conversation: string }>(
      tenantId,
      'SELECT conversation FROM agent_conversation WHERE tenant_id = $1 AND session_id = $2 AND agent_id = $3',
      [tenantId, sessionId, agentId],
    );
    return row?.conversation ?? null;
  }

  async keep(
    { tenantId, sessionId, agentId }: OutsideQuestion,
    conversation: string,
  ): Promise<void> {
    await this.database.inTenantOnce(
      tenantId,
      `INSERT INTO agent_conversation (tenant_id, session_id, agent_id, conversation) VALUES ($1, $2, $3, $4)
       ON CONFLICT (session_id, agent_id) DO UPDATE SET conversation = $4, updated_at = now()`,
      [tenantId, sessionId, agentId, conversation.slice(0, 200)],
    );
  }
}
