// A document that the page was built with can be named by its hash, in either of the two ways that clients know.
import { refusal } from './refusals.mjs';

const HASH = 'sha256:';

export function trustedDocuments(texts, { only }) {
  return {
    allowArbitraryDocuments: !only,
    extractPersistedOperationId: (params) => {
      const named = params.extensions?.persistedQuery?.sha256Hash ?? params.documentId;
      return typeof named === 'string' ? named.replace(HASH, '') : null;
    },
    getPersistedOperation: (hash) => texts.get(hash) ?? null,
    customErrors: {
      notFound: () => refusal('DOCUMENT_UNKNOWN'),
      keyNotFound: () => refusal('DOCUMENT_MISSING'),
      persistedQueryOnly: () => refusal('DOCUMENTS_ONLY'),
    },
  };
}
