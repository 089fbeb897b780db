import { ALL_DEEDS, DEED_KINDS, deedInput, deedParameters, readDeedFilter } from './deed-filter';

const read = (query: string) => readDeedFilter(new URLSearchParams(query));

describe('the filter of deeds', () => {
  it('is the same after a way through the address', () => {
    const filter = read('who=anna&what=alarms&what=identities&outcome=refused&device=north/1&about=north/2&from=2026-03-01&to=2026-03-02');
    const parameters = new URLSearchParams(Object.entries(deedParameters(filter)).flatMap(([name, value]) => (value === null ? [] : [value].flat().map((one) => [name, one]))));
    expect(readDeedFilter(parameters)).toEqual(filter);
    expect(deedInput(filter)).toMatchObject({ usernames: ['anna'], kinds: [...DEED_KINDS.alarms, ...DEED_KINDS.identities], outcomes: ['REFUSED'], deviceId: 'north/1', about: 'north/2' });
  });

  it('leaves out what is forged', () => {
    expect(read('what=weather&outcome=perhaps&device=../etc&from=2026-13-77x')).toEqual(ALL_DEEDS);
  });
});
