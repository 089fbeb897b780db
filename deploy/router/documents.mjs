// The documents that the page was built with, by the SHA-256 of their text (bff/trusted_documents.json).
import { readFileSync } from 'node:fs';

import { refusal } from './refusals.mjs';

const HASH = 'sha256:';

export function trustedDocuments({ documentsFile, documentsOnly }) {
  const texts = new Map(Object.entries(JSON.parse(readFileSync(documentsFile, 'utf8'))));
  return {
    allowArbitraryDocuments: !documentsOnly,
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
