import { BoundedMap } from '../world/bounded-map';
import type { World } from '../world/world';
import type { Connection } from './connection';
import type { ConnectionPool } from './connection-pool';
import type { Delivery, Push } from './delivery';
import { newFrameId, type AckFrame } from './frames';

/**
 * Brings deliveries to connections, and again until they are acked (§2.4). A robot message without ack comes again
 * after `redeliveryMs`, an event after 3 s without ack or on LATER; a card callback is pushed once.
 */
export class DeliveryDesk {
  private readonly deliveries = new BoundedMap<Delivery>(20_000, (one) => {
    clearTimeout(one.timer);
    if (!one.isDone) one.state = 'given_up';
  });
  private readonly byMessageId = new BoundedMap<{ delivery: Delivery; push: Push }>(60_000);

  constructor(
    private readonly world: World,
    private readonly pool: ConnectionPool,
  ) {
    pool.on('opened', (connection) => this.flush(connection));
  }

  /** Keeps the delivery and pushes it at once if someone is there; `to` chooses the connection. */
  submit(delivery: Delivery, to?: Connection): Delivery {
    this.deliveries.set(delivery.id, delivery);
    this.push(delivery, to);
    return delivery;
  }

  list(clientId?: string): Delivery[] {
    return this.deliveries.values().filter((one) => !clientId || one.clientId === clientId);
  }

  /** Stops every redelivery. Acks under way are still known, so they are no violations. */
  clear(): void {
    this.deliveries.clear();
  }

  /** One client frame that is an ack of a push. */
  acknowledge(connection: Connection, ack: AckFrame): void {
    const held = this.byMessageId.get(ack.messageId);
    const detail = { messageId: ack.messageId, connectionId: connection.id };
    if (!held) return this.world.violation('ackUnknown', connection.clientId, detail);
    const { delivery, push } = held;
    if (push.connectionId !== connection.id) {
      return this.world.violation('ackOnWrongConnection', connection.clientId, {
        ...detail,
        key: delivery.key,
      });
    }
    if (push.ackedAt !== undefined) {
      return this.world.violation('doubleAck', connection.clientId, {
        ...detail,
        key: delivery.key,
      });
    }
    push.ackedAt = Date.now();
    push.ackCode = ack.code;
    connection.acks += 1;
    this.settle(delivery, push, ack);
  }

  private settle(delivery: Delivery, push: Push, ack: AckFrame): void {
    if (delivery.kind === 'card') return this.settleCallback(delivery, push, ack);
    if (delivery.isDone) return;
    if (delivery.kind === 'event') return this.settleEvent(delivery, ack);
    if (ack.code === 200) return this.finish(delivery, 'acked');
    // Otherwise the timer of the push brings it again, if the platform does that (C37).
    if (!this.world.settings.redeliverOn500) this.finish(delivery, 'refused');
  }

  private settleEvent(delivery: Delivery, ack: AckFrame): void {
    const status = (ack.data as { status?: unknown } | undefined)?.status;
    if (ack.code === 200 && status !== 'LATER') return this.finish(delivery, 'acked');
    clearTimeout(delivery.timer);
    this.pushAfter(delivery, this.world.settings.eventRetryMs);
  }

  private settleCallback(delivery: Delivery, push: Push, ack: AckFrame): void {
    const tookMs = (push.ackedAt ?? 0) - push.at;
    if (tookMs > this.world.settings.callbackMs) {
      this.world.violation('lateCallbackAck', delivery.clientId, {
        outTrackId: delivery.key,
        tookMs,
      });
    }
    this.finish(delivery, 'acked');
    delivery.onAck?.({ code: ack.code, data: ack.data });
  }

  private finish(delivery: Delivery, state: 'acked' | 'refused' | 'given_up'): void {
    clearTimeout(delivery.timer);
    delivery.state = state;
  }

  /** A new connection gets at once what waited for one. */
  private flush(connection: Connection): void {
    const waiting = this.list(connection.clientId).filter((one) => one.state === 'waiting');
    for (const delivery of waiting) this.push(delivery);
  }

  private push(delivery: Delivery, to?: Connection): void {
    if (delivery.isDone) return;
    clearTimeout(delivery.timer);
    if (delivery.pushes.length >= this.world.settings.maxPushes)
      return this.finish(delivery, 'given_up');
    const connection = to ?? this.pool.pick(delivery.clientId, delivery.type, delivery.topic);
    if (!connection) {
      delivery.state = 'waiting';
      return;
    }
    const push = { messageId: newFrameId(), connectionId: connection.id, at: Date.now() };
    delivery.pushes.push(push);
    delivery.state = 'pushed';
    this.byMessageId.set(push.messageId, { delivery, push });
    connection.pushes += 1;
    connection.send(
      delivery.frame(push.messageId, connection.id, `app-${delivery.clientId}`, this.world.now()),
    );
    this.armTimer(delivery);
  }

  private armTimer(delivery: Delivery): void {
    const { redeliveryMs, eventAckMs, eventRetryMs } = this.world.settings;
    if (delivery.kind === 'robot') this.pushAfter(delivery, redeliveryMs);
    if (delivery.kind === 'event') this.pushAfter(delivery, eventAckMs + eventRetryMs);
  }

  private pushAfter(delivery: Delivery, ms: number): void {
    delivery.timer = setTimeout(() => this.push(delivery), ms);
    delivery.timer.unref();
  }
}
