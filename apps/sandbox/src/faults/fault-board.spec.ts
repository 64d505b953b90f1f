import { FaultBoard } from './fault-board';

const target = (more: object = {}) => ({
  names: ['streaming', 'PUT /v1.0/card/streaming'],
  clientId: 'bot1',
  body: { isFinalize: false },
  ...more,
});

describe('FaultBoard', () => {
  it('finds a fault by name, by path, and by *', () => {
    for (const on of ['streaming', 'PUT /v1.0/card/streaming', '*']) {
      const board = new FaultBoard();
      board.put({ on, act: { hang: true } });

      expect(board.take(target())?.on).toBe(on);
    }
  });

  it('leaves other calls, other apps and other bodies alone', () => {
    const board = new FaultBoard();
    board.put({ on: 'create', act: { hang: true } });
    board.put({ on: 'streaming', clientId: 'bot2', act: { hang: true } });
    board.put({ on: 'streaming', only: { isFinalize: true }, act: { hang: true } });

    expect(board.take(target())).toBeUndefined();
    expect(board.take(target({ body: { isFinalize: true } }))).toBeDefined();
  });

  it('removes itself after so many times', () => {
    const board = new FaultBoard();
    board.put({ on: '*', times: 2, act: { hang: true } });
    const met = [1, 2, 3].map(() => board.take(target()) !== undefined);

    expect(met).toEqual([true, true, false]);
    expect(board.list()).toEqual([]);
  });

  it('fires on every n-th call, and lets the next fault have the others', () => {
    const board = new FaultBoard();
    board.put({ id: 'third', on: '*', every: 3, act: { hang: true } });
    board.put({ id: 'rest', on: '*', act: { hang: true } });
    const met = [1, 2, 3, 4].map(() => board.take(target())?.id);

    expect(met).toEqual(['rest', 'rest', 'third', 'rest']);
  });
});
