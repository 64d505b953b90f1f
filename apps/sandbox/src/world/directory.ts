import { conversationIdOf } from './ids';
import type { CustomRobot, Group, Person, PlatformApp } from './directory.types';

/** Who and what exists in the organisation. Survives `POST /sandbox/reset`. */
export class Directory {
  readonly corp = { corpId: 'dingsandboxcorp', name: 'Carillon Sandbox 沙箱' };
  private readonly people = new Map<string, Person>();
  private readonly groups = new Map<string, Group>();
  private readonly apps = new Map<string, PlatformApp>();
  private readonly customRobots = new Map<string, CustomRobot>();

  putPerson(person: Person): Person {
    this.people.set(person.userId, person);
    return person;
  }

  putGroup(group: Omit<Group, 'conversationId'>): Group {
    const made = { ...group, conversationId: conversationIdOf('group', group.groupId) };
    this.groups.set(group.groupId, made);
    return made;
  }

  putApp(app: PlatformApp): PlatformApp {
    this.apps.set(app.clientId, app);
    return app;
  }

  putCustomRobot(robot: CustomRobot): CustomRobot {
    this.customRobots.set(robot.token, robot);
    return robot;
  }

  removeApp(clientId: string): boolean {
    for (const group of this.groups.values()) {
      const at = group.botIds.indexOf(clientId);
      if (at >= 0) group.botIds.splice(at, 1);
    }
    return this.apps.delete(clientId);
  }

  person(userId: string): Person | undefined {
    return this.people.get(userId);
  }

  personByUnionId(unionId: string): Person | undefined {
    return [...this.people.values()].find((person) => person.unionId === unionId);
  }

  group(groupId: string): Group | undefined {
    return this.groups.get(groupId);
  }

  groupByConversation(conversationId: string): Group | undefined {
    return [...this.groups.values()].find((group) => group.conversationId === conversationId);
  }

  app(clientId: string): PlatformApp | undefined {
    return this.apps.get(clientId);
  }

  appByRobotCode(robotCode: string): PlatformApp | undefined {
    return [...this.apps.values()].find((app) => app.robotCode === robotCode);
  }

  customRobot(token: string): CustomRobot | undefined {
    return this.customRobots.get(token);
  }

  listPeople(): Person[] {
    return [...this.people.values()];
  }

  listGroups(): Group[] {
    return [...this.groups.values()];
  }

  listApps(): PlatformApp[] {
    return [...this.apps.values()];
  }
}
