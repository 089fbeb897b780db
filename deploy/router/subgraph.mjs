// The way from the router to the bff, where the gateway's own is not enough.
import { isAsyncIterable } from '@graphql-tools/utils';
import { GraphQLError } from 'graphql';

import { isNullInstead } from './masking.mjs';

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

// Where a field that may not be null has an error, all of the answer is null; the gateway then says of its first field
// that it is null, and forgets why. What the bff said is put back.
export function reasonsPlugin() {
  const said = new WeakMap();
  return {
    onSubgraphExecute: ({ executionRequest }) => ({ result }) => {
      const asked = executionRequest.context;
      if (asked && !isAsyncIterable(result) && result?.data == null && result?.errors?.length) {
        said.set(asked, result.errors);
      }
    },
    onExecute: () => ({
      onExecuteDone({ args, result, setResult }) {
        const reasons = said.get(args.contextValue);
        if (!reasons || !result.errors?.some(isNullInstead)) return;
        // Without a path: fields of one request have been given other names for it.
        const errors = reasons.map(({ message, extensions }) => new GraphQLError(message, { extensions }));
        setResult({ ...result, errors });
      },
    }),
  };
}
