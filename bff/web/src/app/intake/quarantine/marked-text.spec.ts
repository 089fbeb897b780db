import { around, linesOf } from './marked-text';
import type { Line } from './marked-text';

const TEXT = { text: '<a>\n  <b>x</b>\n</a>\n', firstLine: 7, markStart: 6, markEnd: 9 };

function together(lines: readonly Line[]): string {
  return lines.map((line, index) => (index && !line.goesOn ? '\n' : '') + line.before + line.mark + line.after).join('');
}

describe('the lines of a marked text', () => {
  it('carry their numbers and the mark where it belongs', () => {
    const lines = linesOf(TEXT);
    expect(lines.map((line) => line.number)).toEqual([7, 8, 9]);
    expect(lines[1]).toEqual({ number: 8, goesOn: false, before: '  ', mark: '<b>', after: 'x</b>' });
    expect(lines[0]).toEqual({ number: 7, goesOn: false, before: '<a>', mark: '', after: '' });
  });

  it('make the whole text again, whatever the mark', () => {
    for (let start = 0; start <= TEXT.text.length; start++) {
      for (let end = start; end <= TEXT.text.length; end++) {
        expect(together(linesOf({ ...TEXT, markStart: start, markEnd: end }))).toBe(TEXT.text.trimEnd());
      }
    }
  });

  it('have no mark where there is none', () => {
    expect(linesOf({ ...TEXT, markStart: null, markEnd: null }).every((line) => !line.mark)).toBe(true);
  });

  it('come element by element where a machine wrote all into one', () => {
    const text = `<a>${'<b>x</b>'.repeat(200)}<c>here</c></a>`;
    const start = text.indexOf('<c>');
    const lines = linesOf({ text, firstLine: 1, markStart: start, markEnd: start + 3 });
    expect(lines.length).toBe(202);
    expect(lines.at(-1)).toEqual({ number: 1, goesOn: true, before: '', mark: '<c>', after: 'here</c></a>' });
    expect(together(lines)).toBe(text);
  });

  it('are cut around the mark, or at the beginning', () => {
    const text = Array.from({ length: 1000 }, (_, number) => `line ${number}`).join('\n');
    const start = text.indexOf('line 500');
    const lines = linesOf({ text, firstLine: 1, markStart: start, markEnd: start + 4 });
    expect(around(lines, 2).map((line) => line.number)).toEqual([499, 500, 501, 502, 503]);
    expect(around(linesOf({ text, firstLine: 1, markStart: null, markEnd: null }), 2).map((line) => line.number)).toEqual([1, 2, 3]);
  });
});
