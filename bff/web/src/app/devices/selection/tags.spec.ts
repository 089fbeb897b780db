import { readTags, wrongTags } from './tags';

describe('tags', () => {
  it('are read with commas, spaces, capital letters and twice the same', () => {
    expect(readTags(' Exchange-2027, yard:7  yard:7;old ')).toEqual(['exchange-2027', 'yard:7', 'old']);
    expect(readTags('  ')).toEqual([]);
  });

  it('that the register would refuse are told before it is asked', () => {
    expect(wrongTags(['yard-7'], ['old'])).toBeNull();
    expect(wrongTags(['größe'], [])).toContain('größe');
    expect(wrongTags(['a'.repeat(41)], [])).not.toBeNull();
    expect(wrongTags(['old'], ['old'])).toContain('old');
    expect(wrongTags(Array.from({ length: 21 }, (_, number) => `t${number}`), [])).not.toBeNull();
  });
});
