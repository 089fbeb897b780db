/** A line of a text with its number; `mark` is the part of it where the fault is. A very long line comes in pieces. */
export interface Line {
  readonly number: number;
  /** Not the first piece of its line. */
  readonly goesOn: boolean;
  readonly before: string;
  readonly mark: string;
  readonly after: string;
}

export interface TextWindow {
  readonly text: string;
  readonly firstLine: number;
  readonly markStart: number | null;
  readonly markEnd: number | null;
}

/** Lines before and behind the marked one that are shown at first. */
export const AROUND = 200;
/** What is longer was written by a machine: it is shown element by element. */
const LONG = 1_000;

/** Return the lines of a window. A mark that goes over several lines marks its part of each. */
export function linesOf(window: TextWindow): readonly Line[] {
  const start = window.markStart ?? -1;
  const end = Math.max(window.markEnd ?? -1, start);
  const lines: Line[] = [];
  let at = 0;
  let number = window.firstLine;
  for (const text of window.text.replace(/\n$/, '').split('\n')) {
    let goesOn = false;
    for (const piece of piecesOf(text)) {
      const from = clamp(start - at, piece.length);
      const to = clamp(end - at, piece.length);
      const touched = start >= 0 && from < to;
      lines.push({
        number,
        goesOn,
        before: touched ? piece.slice(0, from) : piece,
        mark: touched ? piece.slice(from, to) : '',
        after: touched ? piece.slice(to) : '',
      });
      at += piece.length;
      goesOn = true;
    }
    number += 1;
    at += 1;
  }
  return lines;
}

/** Return the lines around the mark, or the first ones without a mark. */
export function around(lines: readonly Line[], count = AROUND): readonly Line[] {
  const marked = lines.findIndex((line) => line.mark);
  const first = Math.max(0, marked - count);
  return lines.slice(first, Math.max(marked, 0) + count + 1);
}

function piecesOf(line: string): readonly string[] {
  return line.length > LONG ? line.split(/(?<=>)(?=\s*<[^/])/) : [line];
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
