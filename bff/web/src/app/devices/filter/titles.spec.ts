import { titleOf } from './titles';

test('words of facets are spoken, names of people and places stay as they are written', () => {
  expect([titleOf('power', 'OFF'), titleOf('area', 'ZH_NORD 3'), titleOf('tag', 'exchange-2027')]).toEqual(['Off', 'ZH_NORD 3', 'exchange-2027']);
});
