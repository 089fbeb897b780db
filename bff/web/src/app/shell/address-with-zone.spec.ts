import { OWN_ZONE, showZone, showZoneOf, zone } from '../parts/zone';
import { AddressWithZone } from './address-with-zone';

const addresses = new AddressWithZone();

describe('the address', () => {
  afterEach(() => { showZone(OWN_ZONE); });

  test('names the zone in which times are shown', () => {
    showZone('Europe/Zurich');
    expect(addresses.serialize(addresses.parse('/devices?power=OFF#row'))).toBe('/devices?power=OFF&tz=Europe/Zurich#row');
    showZone('Etc/GMT+1');
    expect(addresses.serialize(addresses.parse('/'))).toBe('/?tz=Etc/GMT%2B1');
  });

  test('that is opened is shown in its zone, and is the same address again', () => {
    const opened = '/alarms?severity=CRITICAL&tz=America/New_York';
    showZoneOf(opened);
    expect(zone()).toBe('America/New_York');
    const tree = addresses.parse(opened);
    expect(tree.queryParams).toEqual({ severity: 'CRITICAL' });
    expect(addresses.serialize(tree)).toBe(opened);
  });

  test.each(['', 'tz=Mars/Olympus', 'tz=', 'tz=../..&tz=UTC', 'tz=%00'])('with a forged zone (%s) keeps the zone that there was', (forged) => {
    showZone('Europe/Zurich');
    showZoneOf(`/devices?${forged}`);
    expect(zone()).toBe('Europe/Zurich');
  });

  test('that is parsed changes nothing: the router parses whenever it likes', () => {
    showZone('Europe/Zurich');
    addresses.parse('/devices?tz=America/New_York');
    expect(zone()).toBe('Europe/Zurich');
  });

  test('that was cut within a letter leads to no view, and to no other one', () => {
    expect(addresses.serialize(addresses.parse('/devices/north/%E0%A4%A'))).toMatch(/^\/not\/readable\?/);
  });
});
