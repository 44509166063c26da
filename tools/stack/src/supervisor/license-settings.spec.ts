import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Home, root } from '../home.ts';
import { licenseChoices, licenseSettingsIn, licenseSettingsOver, usesSandboxPortal } from './license-settings.ts';

const portal = { url: 'http://portal', controlUrl: 'http://control', keys: 'ab,cd' };
const house = { home: new Home('/house'), state: { sandbox: { portal } } };
const chosen = {
  LICENSE_DIR: '/house/license',
  LICENSE_PORTAL_URL: 'http://portal',
  LICENSE_PUBLIC_KEY_HEX: 'ab,cd',
};

describe('the settings of the licence in a house', () => {
  it('are those of the sandbox portal, and the folder of the house', () => {
    expect(licenseChoices(house, {})).toEqual(chosen);
    expect(licenseChoices({ ...house, state: {} }, {})).toEqual({ LICENSE_DIR: chosen.LICENSE_DIR });
  });

  it('leave out what the caller gives by a file, which an app refuses to find twice', () => {
    const { LICENSE_PUBLIC_KEY_HEX: _keys, ...others } = chosen;
    expect(licenseChoices(house, { LICENSE_PUBLIC_KEY_HEX_FILE: '/keys' })).toEqual(others);
    expect(licenseChoices(house, { LICENSE_PUBLIC_KEY_HEX: ' ' })).toEqual(chosen);
  });

  it.each([
    [{}, true],
    [{ LICENSE_PORTAL_URL: '' }, true],
    [{ LICENSE_PUBLIC_KEY_HEX: 'ab' }, true],
    [{ LICENSE_PORTAL_URL: 'https://portal.example' }, false],
    [{ LICENSE_PORTAL_URL_FILE: '/url' }, false],
  ])('%j leaves the portal to the sandbox: %s', (given, isOurs) => {
    expect(usesSandboxPortal(given)).toBe(isOurs);
  });
});

describe('the settings of the licence for whoever stands elsewhere', () => {
  it('are all of them and nothing else, paths from the root of the repository', () => {
    const given = {
      LICENSE_DIR: 'kept',
      LICENSE_SERIAL_FILE: '/serial',
      LICENSE_GRACE_DAYS: '9',
      PATH: '/bin',
      LICENSE_X: '',
    };
    expect(licenseSettingsIn(given)).toEqual({
      LICENSE_DIR: join(root, 'kept'),
      LICENSE_SERIAL_FILE: '/serial',
      LICENSE_GRACE_DAYS: '9',
    });
  });

  it('are those that the caller gives, and of the house only what these do not say, value or file', () => {
    const house = { LICENSE_PUBLIC_KEY_HEX_FILE: '/house', LICENSE_PORTAL_URL: 'http://portal' };
    expect(licenseSettingsOver({ LICENSE_PUBLIC_KEY_HEX: 'ab' }, house)).toEqual({
      LICENSE_PUBLIC_KEY_HEX: 'ab',
      LICENSE_PORTAL_URL: 'http://portal',
    });
    expect(licenseSettingsOver({ LICENSE_PUBLIC_KEY_HEX_FILE: '/mine' }, { LICENSE_PUBLIC_KEY_HEX: 'ab' })).toEqual({
      LICENSE_PUBLIC_KEY_HEX_FILE: '/mine',
    });
  });
});
