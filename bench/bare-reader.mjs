// Reads streams with the bare SDK and does nothing with the words: what the generator is compared with.
import OpenAI from 'openai';

async function read(baseURL, question) {
  const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
  const stream = await client.chat.completions.create({
    model: 'm',
    messages: [{ role: 'user', content: question }],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
  return text.length;
}

process.on('message', async (message) => {
  if (typeof message !== 'object') return;
  const { baseURL, streams } = message;
  await Promise.all(Array.from({ length: streams }, (_, n) => read(baseURL, `bare ${n}`)));
  process.send({ done: true });
});
process.send({ ready: true });
