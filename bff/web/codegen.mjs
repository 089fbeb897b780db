// Types of the page's questions and the hash by which each is asked, from the committed schema and ../page_documents.
export default {
  schema: ['../schema.graphql', 'federation.graphql'],
  documents: '../page_documents/*.graphql',
  generates: {
    'src/app/graph/generated.ts': {
      plugins: [
        { add: { content: "import type { Document } from './document';\n" } },
        'typescript-operations',
        './documents-plugin.cjs',
      ],
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        avoidOptionals: { field: true, inputValue: false, object: false, defaultValue: false },
        scalars: { DateTime: 'string', Date: 'string', ID: 'string' },
      },
    },
  },
};
