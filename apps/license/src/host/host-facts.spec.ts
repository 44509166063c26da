import { expect, it } from '@jest/globals';
import { factsOfHost, type Facts } from './host-facts.ts';
import { hostTree, type HostFiles } from './host-tree.conformance.ts';

const nothing = { LICENSE_MACHINE_ID: '', LICENSE_SERIAL: '' };

function factsWith(files: HostFiles, given = nothing): Facts {
  const tree = hostTree(files);
  try {
    return factsOfHost(given, tree.root).read();
  } finally {
    tree.end();
  }
}

const machine: HostFiles = {
  '/etc/machine-id': '4c4c4544004b3510804ab7c04f4e5331\n',
  '/sys/class/dmi/id/board_serial': 'PF2ABCDE\n',
  '/sys/block/sda/device/serial': 'DISK-1\n',
  '/sys/class/net/eth0/address': 'aa:bb:cc:dd:ee:ff\n',
  '/etc/hostname': 'mostrador\n',
};

it('reads machine-id and board serial, and says where from; never a MAC or a host name', () => {
  const facts = factsWith(machine);
  expect(facts).toEqual({
    machineId: { text: '4c4c4544004b3510804ab7c04f4e5331', source: '/etc/machine-id' },
    serial: { text: 'PF2ABCDE', source: '/sys/class/dmi/id/board_serial' },
  });
  for (const never of ['aa:bb', 'mostrador']) expect(JSON.stringify(facts)).not.toContain(never);
});

it.each(['To Be Filled By O.E.M.', 'Default string', 'None', '0', '00000000', 'Not Specified', '', 'XXXXXXXX'])(
  'takes the disk where the board says %j, as many boards do',
  (text) => {
    const { serial } = factsWith({ ...machine, '/sys/class/dmi/id/board_serial': text });
    expect(serial).toEqual({ text: 'DISK-1', source: '/sys/block/sda/device/serial' });
  },
);

it('takes the serial of a small ARM board, which ends with a zero byte', () => {
  const { serial } = factsWith({ '/sys/firmware/devicetree/base/serial-number': '10000000a1b2c3d4\0' });
  expect(serial?.text).toBe('10000000a1b2c3d4');
});

it('takes the first fixed disk by name: no stick, no loop, no memory', () => {
  const { serial } = factsWith({
    '/sys/block/loop0/serial': 'LOOP',
    '/sys/block/zram0/serial': 'ZRAM',
    '/sys/block/sda/removable': '1\n',
    '/sys/block/sda/device/serial': 'STICK',
    '/sys/block/sdb/removable': '0\n',
    '/sys/block/sdb/device/serial': 'FIXED',
    '/sys/block/nvme0n1/device/serial': 'NVME                ',
  });
  expect(serial).toEqual({ text: 'NVME', source: '/sys/block/nvme0n1/device/serial' });
});

it.each(['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io/serviceaccount/token'])(
  'believes no machine-id of a container (%s): the image has the same in every house',
  (path) => {
    expect(factsWith({ ...machine, [path]: '' }).machineId).toBeNull();
  },
);

it('takes what a container was passed', () => {
  const given = { LICENSE_MACHINE_ID: ' host-id ', LICENSE_SERIAL: 'host-serial' };
  expect(factsWith({ ...machine, '/.dockerenv': '' }, given)).toEqual({
    machineId: { text: 'host-id', source: 'LICENSE_MACHINE_ID' },
    serial: { text: 'host-serial', source: 'LICENSE_SERIAL' },
  });
});

it('does without what it cannot read', () => {
  expect(factsWith({})).toEqual({ machineId: null, serial: null });
});
