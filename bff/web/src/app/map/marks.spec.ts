import type { PlaceClustersQuery } from '../graph/generated';
import { worldOf } from './camera';
import { concern, markAt, marksOf, partsOf, radiusOf, totalsOf } from './marks';

type Answer = PlaceClustersQuery['placeClusters'];

const BOX = { south: 47, west: 8, north: 48, east: 9 };
const ANSWER: Answer = {
  totalCount: 1_210,
  values: ['ON', 'OFF', 'UNKNOWN'],
  nowhereCount: 3,
  extent: BOX,
  clusters: [
    { box: BOX, latitude: 47.4, longitude: 8.5, deviceCount: 200, counts: [200, 0, 0] },
    { box: { ...BOX, south: 46, north: 47 }, latitude: 46.5, longitude: 8.5, deviceCount: 1_000, counts: [900, 60, 40] },
  ],
  areas: [{ network: 'north', area: 'Hafen', latitude: 47.4, longitude: 8.5, deviceCount: 7, counts: [0, 0, 7] }],
  devices: [],
};

describe('marks of the map', () => {
  test('are the cells and areas of an answer, small ones above large ones', () => {
    const marks = marksOf(ANSWER, 'POWER');
    expect(marks.map((mark) => [mark.kind, mark.count])).toEqual([['cluster', 1_000], ['cluster', 200], ['area', 7]]);
    expect(new Set(marks.map((mark) => mark.key)).size).toBe(3);
  });

  test('of areas in one cell are one, beside the cluster of the cell', () => {
    const beside = { ...ANSWER.areas[0]!, area: 'Altstadt', latitude: 47.41, deviceCount: 3, counts: [0, 3, 0] };
    const far = { ...beside, area: 'Seefeld', latitude: 40 };
    const areas = marksOf({ ...ANSWER, areas: [...ANSWER.areas, beside, far] }, 'POWER').filter((mark) => mark.kind === 'area');
    expect(areas.map((mark) => [mark.count, mark.areas.length, mark.aside > 0])).toEqual([[10, 2, true], [3, 1, false]]);
    expect(areas[0]?.parts.map((part) => [part.word, part.count])).toEqual([['OFF', 3], ['UNKNOWN', 7]]);
  });

  test('show first what needs attention', () => {
    const [large, small] = marksOf(ANSWER, 'POWER');
    expect(large?.parts.map((part) => part.word)).toEqual(['OFF', 'UNKNOWN', 'ON']);
    expect(large && concern(large)).toEqual({ word: 'OFF', tone: 'bad', count: 60 });
    expect(small && concern(small)).toBeNull();
  });

  test('are devices when these are told, each with its own word', () => {
    const facet = { value: 'ON' };
    const device = {
      deviceId: 'north/1', network: 'north', deviceIdentifier: '1', serialNumber: null, latitude: 47.4, longitude: 8.5,
      lifecycle: { value: 'ERROR' }, power: facet, switch: facet, communication: facet, tamper: facet, firmware: facet,
    };
    const marks = marksOf({ ...ANSWER, devices: [device, { ...device, deviceId: 'north/2', latitude: null }] }, 'LIFECYCLE');
    expect(marks.map((mark) => [mark.kind, mark.key])).toEqual([['device', 'north/1'], ['area', 'areas north/Hafen 0']]);
    expect(marks[0]?.parts).toEqual([{ word: 'ERROR', tone: 'bad', count: 1 }]);
  });

  test('have an area like their number, and are never too small to be seen', () => {
    expect(radiusOf(400, 1_600) / radiusOf(1_600, 1_600)).toBeCloseTo(0.5, 9);
    expect(radiusOf(1, 1_000_000)).toBe(8);
  });

  test('are hit where they are drawn, the upper one of two', () => {
    const camera = { ...worldOf(47.4, 8.5), zoom: 8 };
    const size = { width: 400, height: 300 };
    const marks = marksOf(ANSWER, 'POWER');
    expect(markAt(marks, camera, size, { x: 211, y: 161 })?.kind).toBe('area');
    expect(markAt(marks, camera, size, { x: 20, y: 20 })).toBeNull();
  });

  test('add up to what is in view', () => {
    expect(totalsOf(ANSWER).map((part) => part.count)).toEqual([60, 47, 1_100]);
    expect(partsOf(['ON', 'OFF'], [0, 0])).toEqual([]);
  });
});
