import { countOf, doneRows, isMoving, readVerdicts, stateWord, verdictWord } from './import-words';
import { base64 } from './upload';

const FACTS = { rowCount: 100, readyCount: 40, importedCount: 30, unchangedCount: 20, refusedCount: 9, skippedCount: 1 };

describe('the words of an import', () => {
  it('count what has its last verdict', () => {
    expect(doneRows(FACTS)).toBe(60);
    expect(countOf(FACTS, 'UNCHANGED')).toBe(20);
  });

  it('say which imports go on by themselves', () => {
    expect((['UPLOADING', 'CHECKING', 'CHECKED', 'RUNNING', 'PAUSED', 'DONE'] as const).filter(isMoving)).toEqual(['UPLOADING', 'CHECKING', 'RUNNING']);
    expect([stateWord(null), verdictWord(null)]).toEqual(['–', '–']);
  });

  it('leave out of an address what is no verdict', () => {
    expect(readVerdicts(['REFUSED', 'NONSENSE', 'READY', 'READY'])).toEqual(['READY', 'REFUSED']);
  });
});

describe('a piece of a file', () => {
  it('travels as base64 whatever its bytes', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256);
    const text = await base64(new Blob([bytes]));
    expect(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))).toEqual(bytes);
  });
});
