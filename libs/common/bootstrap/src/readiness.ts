/** Why a service is not ready, in one word for machines; null when it is. */
export class Readiness {
  private reason: string | null = 'starting';

  get obstacle(): string | null {
    return this.reason;
  }

  become(ready: true): void;
  become(obstacle: string): void;
  become(state: true | string): void {
    this.reason = state === true ? null : state;
  }
}
