import { TestBed } from '@angular/core/testing';

import { SHAPES, StateMark, toneOf } from './state-mark';

function shown(word: string): string {
  const made = TestBed.createComponent(StateMark);
  made.componentRef.setInput('word', word);
  TestBed.tick();
  return (made.nativeElement as HTMLElement).textContent.trim();
}

describe('a state', () => {
  test('is read without its colour: each way to take it has a shape of its own, and a word stands beside', () => {
    expect(new Set(Object.values(SHAPES)).size).toBe(Object.keys(SHAPES).length);
    expect([shown('ON'), shown('UPDATING'), shown('WARNING'), shown('OFF'), shown('REMOVED')]).toEqual(['●On', '◆Updating', '▲Warning', '■Off', '○Removed']);
  });

  test('that is not known here is not judged', () => {
    expect([toneOf('RECALLED'), toneOf('toString'), shown('RECALLED_BY_MAKER')]).toEqual(['off', 'off', '○Recalled by maker']);
  });
});
