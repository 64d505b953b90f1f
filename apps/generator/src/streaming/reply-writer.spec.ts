import { ReplyWriter } from './reply-writer';

const aWriter = () => {
  const wishes: boolean[] = [];
  const writer = new ReplyWriter('t', 1, { wants: (_writer, soon) => wishes.push(soon) });
  return { writer, wishes };
};

describe('ReplyWriter', () => {
  it('asks for the first words at once and for the rest with the next round', () => {
    const { writer, wishes } = aWriter();
    writer.write('Hel');
    expect(writer.take()).toEqual({ offset: 0, text: 'Hel' });
    writer.write('lo');
    writer.write('!');
    expect(writer.take()).toEqual({ offset: 3, text: 'lo!' });
    expect(writer.take()).toBeNull();
    expect(wishes).toEqual([true, false, false]);
    expect(writer.whole).toBe('Hello!');
  });

  it('keeps half an emoji back until the other half is there', () => {
    const { writer } = aWriter();
    writer.write('a\ud83d');
    expect(writer.take()).toEqual({ offset: 0, text: 'a' });
    expect(writer.take()).toBeNull();
    writer.write('\ude00b');
    expect(writer.take()).toEqual({ offset: 1, text: '😀b' });
  });

  it.each([
    ['a family', '👨‍👩‍👧'],
    ['a flag', '🇨🇳'],
    ['a skin tone', '👍🏽'],
    ['a keycap of marks', '❤️'],
    ['a stacked letter', 'ก็'],
  ])('hands out %s as one, wherever it is cut', (_what, character) => {
    const { writer } = aWriter();
    const shown: string[] = [];
    for (const unit of `好${character}。`.split('')) {
      writer.write(unit);
      shown.push(writer.take()?.text ?? '');
    }
    expect(shown.filter((text) => text !== '')).toEqual(['好', `${character}。`]);
  });

  it('holds Chinese and Latin words back for nothing', () => {
    const { writer } = aWriter();
    const words = ['你好', 'Hi', '！', '。', 'é'];
    const taken = words.map((word) => {
      writer.write(word);
      return writer.take()?.text;
    });
    expect(taken).toEqual(words);
  });

  it('asks for nothing while only half an emoji is there', () => {
    const { writer, wishes } = aWriter();
    writer.write('\ud83d');
    expect(wishes).toEqual([]);
  });
});
