import { ALL_ENTRIES, KIND_GROUPS, KIND_GROUP_NAMES, entryInput, entryParameters, isAll, readEntryFilter } from './timeline-filter';

const read = (query: string) => readEntryFilter(new URLSearchParams(query));

describe('the filter of a timeline', () => {
  it('is the same after a way through the address', () => {
    const filter = read('what=tamper&what=power&flag=late&from=2026-03-01&to=2026-03-31');
    const parameters = new URLSearchParams(Object.entries(entryParameters(filter)).flatMap(([name, value]) => (value === null ? [] : [value].flat().map((one) => [name, one]))));
    expect(readEntryFilter(parameters)).toEqual(filter);
    expect(filter.groups).toEqual(['power', 'tamper']);
  });

  it('leaves out what an older version wrote or a person mistyped', () => {
    expect(read('what=weather&flag=slow&from=yesterday&to=2026-99-99x')).toEqual(ALL_ENTRIES);
  });

  it('asks for the kinds of the chosen groups, and for none when all are chosen', () => {
    expect(entryInput(read('what=tamper')).kinds).toEqual([...KIND_GROUPS.tamper]);
    expect(entryInput({ ...ALL_ENTRIES, groups: KIND_GROUP_NAMES }).kinds).toBeUndefined();
  });

  it('takes both days whole', () => {
    const occurred = entryInput(read('from=2026-03-01&to=2026-03-01')).occurred;
    expect(new Date(occurred?.start ?? '')).toEqual(new Date(2026, 2, 1));
    expect(new Date(occurred?.end ?? '')).toEqual(new Date(2026, 2, 2));
  });

  it('is no condition where the last day lies before the first', () => {
    expect(isAll(read('from=2026-03-02&to=2026-03-01'))).toBe(true);
  });
});
