// The way from the router to the bff.

const CARRIAGE_RETURN = 13;

// Server-sent events may end their lines with CR LF, and those of the bff do; the gateway's reader knows LF only.
// Within a JSON text no raw CR can be, so that none is lost.
export const lineFeedsPlugin = {
  onFetch: () => ({ response, setResponse }) => {
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return;
    const feeds = new TransformStream({
      transform: (chunk, sink) => sink.enqueue(chunk.filter((byte) => byte !== CARRIAGE_RETURN)),
    });
    setResponse(new Response(response.body.pipeThrough(feeds), response));
  },
};
