import { NOTHING, isChosen, selectionOf, toggled, toggledAll } from './chosen';

describe('chosen alarms', () => {
  test('are none at first, then some by name', () => {
    const two = toggled(toggled(NOTHING, 'north/1'), 'north/2');
    expect(isChosen(two, 'north/1')).toBe(true);
    expect(selectionOf(toggled(two, 'north/1'), {})).toEqual({ alarmIds: ['north/2'] });
  });

  test('are all that match but those that were taken out again', () => {
    const all = toggled({ kind: 'all', without: new Set() }, 'north/2');
    expect(isChosen(all, 'north/1')).toBe(true);
    expect(isChosen(all, 'north/2')).toBe(false);
    expect(selectionOf(all, { areas: ['A1'] })).toEqual({ filter: { areas: ['A1'] }, excludedAlarmIds: ['north/2'] });
  });

  test('are all that are shown by one click, and none by the next', () => {
    const shown = ['north/1', 'north/2'];
    const all = toggledAll(NOTHING, shown);
    expect(shown.every((id) => isChosen(all, id))).toBe(true);
    expect(toggledAll(all, shown)).toEqual(NOTHING);
    expect(toggledAll({ kind: 'all', without: new Set() }, shown)).toEqual(NOTHING);
  });
});
