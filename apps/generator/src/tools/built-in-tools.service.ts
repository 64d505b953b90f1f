import { Injectable } from '@nestjs/common';

import { ASK_PERSON } from '@common/domain';
import { Clock } from '@common/kernel';

import { MemberMemory } from '../context/member-memory.repository';
import type { ClaimedTurn } from '../generation/claimed-turn';
import { DirectoryRepository } from './directory.repository';
import { askPerson } from './ask-person';
import type { Tool } from './tool';
import { ToolError } from './tool.errors';

export const builtInTools = ['current_time', 'member_memory', 'directory', ASK_PERSON] as const;
export type BuiltInTool = (typeof builtInTools)[number];

const TIMEOUT_MS = 5_000;
const words = (description: string) => ({ type: 'string', description });
const object = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** Tools that need no server. */
@Injectable()
export class BuiltInTools {
  constructor(
    private readonly clock: Clock,
    private readonly memory: MemberMemory,
    private readonly directory: DirectoryRepository,
  ) {}

  of(name: BuiltInTool, turn: ClaimedTurn): Tool[] {
    if (name === 'current_time') return [this.currentTime()];
    if (name === 'member_memory') return [this.remember(turn), this.forget(turn)];
    if (name === ASK_PERSON) return [askPerson];
    return [this.findColleague(turn)];
  }

  private currentTime(): Tool {
    const zone = words('IANA time zone, e.g. Asia/Shanghai (the default)');
    return {
      ...harmless,
      spec: {
        name: 'current_time',
        description: 'The current date, weekday and time.',
        inputSchema: object({ zone }),
      },
      run: async ({ zone: asked }) =>
        Promise.resolve(timeIn(text(asked) || 'Asia/Shanghai', this.clock)),
    };
  }

  private remember(turn: ClaimedTurn): Tool {
    return {
      ...harmless,
      isReadOnly: false,
      spec: {
        name: 'remember',
        description:
          'Remembers one lasting fact or preference of the person for later conversations. Use it only when asked to, or when it clearly helps.',
        inputSchema: object({ fact: words('One short sentence') }, ['fact']),
      },
      run: async ({ fact }) => {
        const kept = await this.memory.add(turn, needed(fact, 'fact'));
        return kept ? 'Remembered.' : 'There is no room for more; forget something first.';
      },
    };
  }

  private forget(turn: ClaimedTurn): Tool {
    return {
      ...harmless,
      isReadOnly: false,
      spec: {
        name: 'forget',
        description: 'Forgets a remembered fact of the person.',
        inputSchema: object({ fact: words('The fact, word for word as it is remembered') }, [
          'fact',
        ]),
      },
      run: async ({ fact }) => {
        const gone = await this.memory.remove(turn, needed(fact, 'fact'));
        return gone ? 'Forgotten.' : 'Nothing like this is remembered.';
      },
    };
  }

  private findColleague(turn: ClaimedTurn): Tool {
    return {
      ...harmless,
      spec: {
        name: 'find_colleague',
        description: 'Finds people of the organisation by name: their title.',
        inputSchema: object({ name: words('Name or a part of it') }, ['name']),
      },
      run: async ({ name }) => {
        const found = await this.directory.find(turn, needed(name, 'name'));
        return found.length === 0 ? 'Nobody of this name is known.' : JSON.stringify(found);
      },
    };
  }
}

const harmless = { isReadOnly: true, asksFirst: false, timeoutMs: TIMEOUT_MS } as const;

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

function needed(value: unknown, name: string): string {
  const given = text(value);
  if (given === '') throw new ToolError('tool_failed', `"${name}" is missing`);
  return given;
}

function timeIn(zone: string, clock: Clock): string {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      dateStyle: 'full',
      timeStyle: 'long',
    }).format(clock.now());
  } catch (error) {
    throw new ToolError('tool_failed', `"${zone.slice(0, 60)}" is no time zone`, error);
  }
}
