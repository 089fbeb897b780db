import { loginAddress, viewThatWaited } from './return-address';

// As bff/session/return_path.py has it.
const TAKEN = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@%?#][A-Za-z0-9\-._~!$&'()*+,;=:@%?#/]*)?$/;

function returnTo(address: string): string {
  return new URL(address, 'http://localhost').searchParams.get('returnTo') ?? '';
}

describe('the way back from a login', () => {
  beforeEach(() => { sessionStorage.clear(); });

  test.each(['/', '/devices?power=OFF&tz=Europe/Zurich', '/devices?area=[x]|{y}^`\\', '/devices/north/M%C3%BC 1', '//elsewhere.example/x'])(
    'leads to %s by an address that the server takes', (path) => {
      const back = returnTo(loginAddress(path, sessionStorage));
      expect(back).toMatch(TAKEN);
      expect(decodeURIComponent(back)).toBe(decodeURIComponent(path).replace(/^\/+/, '/'));
    });

  test('leads to a view with a long address, which waits in the tab', () => {
    const path = `/devices?${Array.from({ length: 80 }, (_, number) => `area=Area+${number}`).join('&')}`;
    const back = returnTo(loginAddress(path, sessionStorage));
    expect(back).toMatch(TAKEN);
    expect(viewThatWaited(back, sessionStorage)).toBe(path);
    expect(viewThatWaited(back, sessionStorage)).toBe('/');
  });

  test('is nothing for a view that is opened otherwise', () => {
    sessionStorage.setItem('meterpark.return', '/devices?long');
    expect(viewThatWaited('/alarms', sessionStorage)).toBeNull();
  });
});
