import { parseCommand } from './parse-command';

it.each([
  ['/help', 'help'],
  ['/HELP', 'help'],
  [' /new ', 'new'],
  ['/new@Carillon', 'new'],
  ['／帮助', 'help'],
  ['/新对话', 'new'],
])('understands %s', (text, name) => {
  expect(parseCommand(text)).toBe(name);
});

it.each(['help', '/etc/hosts is what?', '/unknown', '/newer', 'say /help', '/new please', ''])(
  'takes %j for a question',
  (text) => {
    expect(parseCommand(text)).toBeNull();
  },
);
