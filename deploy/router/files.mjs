// What the router reads from files: a wrong one is told by the setting that names it, and replaces nothing.
import { readFileSync } from 'node:fs';

import { buildSchema } from 'graphql';

import { BadSetting } from './settings.mjs';

function read(setting, file, understand) {
  try {
    return understand(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BadSetting(`ROUTER_${setting}: ${file}: ${error.message.split('\n')[0]}`);
  }
}

// The supergraph, as it was when it was last read.
export class Supergraph {
  #file;
  #text;

  constructor(file) {
    this.#file = file;
    this.readAnew();
  }

  get text() {
    return this.#text;
  }

  readAnew() {
    this.#text = read('SUPERGRAPH', this.#file, (text) => {
      buildSchema(text);
      return text;
    });
  }
}

// The documents that the page was built with, by the SHA-256 of their text (bff/trusted_documents.json).
export function readDocuments(file) {
  return read('TRUSTED_DOCUMENTS', file, (text) => new Map(Object.entries(JSON.parse(text))));
}
