import { eventsOf } from './server-sent-events';
import type { ServerSentEvent } from './server-sent-events';

async function read(...pieces: Uint8Array[]): Promise<ServerSentEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const events: ServerSentEvent[] = [];
  for await (const event of eventsOf(body)) events.push(event);
  return events;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('server-sent events', () => {
  test('are read whole, wherever the network cuts them', async () => {
    const all = bytes('event: next\ndata: {"ort":"Zürich"}\n\nevent: next\r\ndata: two\r\ndata: lines\r\n\r\n');
    const expected = [{ name: 'next', data: '{"ort":"Zürich"}' }, { name: 'next', data: 'two\nlines' }];
    // Byte by byte: the ü comes in two pieces, too.
    expect(await read(...Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(expected);
    expect(await read(all)).toEqual(expected);
  });

  test('that are signs of life carry no data', async () => {
    expect(await read(bytes(':\n\n'))).toEqual([{ name: 'message', data: '' }]);
  });

  test('that were cut off are not believed', async () => {
    expect(await read(bytes('data: whole\n\ndata: ha'))).toEqual([{ name: 'message', data: 'whole' }]);
  });
});
