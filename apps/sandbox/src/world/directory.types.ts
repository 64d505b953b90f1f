/** Someone who can write to bots. `external`: outside the corp, so messages carry no senderStaffId (C52). */
export interface Person {
  readonly userId: string;
  readonly unionId: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly external: boolean;
}

export interface Group {
  readonly groupId: string;
  readonly conversationId: string;
  readonly title: string;
  readonly memberIds: string[];
  /** Client ids of the bots in the group. */
  readonly botIds: string[];
}

/** A DingTalk app with its robot. */
export interface PlatformApp {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Secrets from before that still work for a while. */
  readonly oldSecrets: readonly { readonly secret: string; readonly untilMs: number }[];
  readonly name: string;
  readonly robotCode: string;
  /** Receive mode of the robot; without it the platform refuses `open`. */
  readonly streamMode: boolean;
  readonly published: boolean;
  readonly scopes: readonly string[];
  /** Calls per second for each path template; absent: the global setting. */
  readonly qps?: number | undefined;
}

/** Whether the app's secret is this one, or one from before that still works. */
export const accepts = (app: PlatformApp, secret: unknown): boolean =>
  app.clientSecret === secret ||
  app.oldSecrets.some((old) => old.secret === secret && Date.now() < old.untilMs);

/** A custom group robot: a webhook with a token, no app behind it (§5.9). */
export interface CustomRobot {
  readonly token: string;
  readonly groupId: string;
  readonly name: string;
  readonly secret?: string | undefined;
  readonly keywords: readonly string[];
}

/** Every scope that an API of the sandbox asks for. */
export const ALL_SCOPES = [
  'Card.Instance.Write',
  'Card.Streaming.Write',
  'qyapi_robot_sendmsg',
] as const;
