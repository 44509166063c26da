import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usefulFact } from '@nexora/licensing';

/** One fact of the host, and where it was found: a setting's name or a path. */
interface Fact {
  readonly text: string;
  readonly source: string;
}

/** What identifies the machine besides the installation id; null where it cannot be read. */
export interface Facts {
  readonly machineId: Fact | null;
  readonly serial: Fact | null;
}

/** Which facts cannot be read; the installation id is made by the house itself. */
export function unreadOf({ machineId, serial }: Facts): string[] {
  return [...(machineId === null ? ['machine-id'] : []), ...(serial === null ? ['serial'] : [])];
}

/** Reads the facts of the host. */
export interface HostFacts {
  read(): Facts;
}

/** What the settings say in the host's place. */
export interface GivenFacts {
  readonly LICENSE_MACHINE_ID: string;
  readonly LICENSE_SERIAL: string;
}

const MACHINE_IDS = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
/** Boards first: a disk is replaced more often. The second is how small ARM boards tell theirs. */
const BOARDS = ['/sys/class/dmi/id/board_serial', '/sys/firmware/devicetree/base/serial-number'];
const DISKS = '/sys/block';
/** Disks that come and go, or are made of files. */
const NO_DISK = /^(loop|ram|zram|dm-|sr|fd|md|nbd|rbd|drbd)/;
/** A container's own files say what the image's maker had, the same in every house. */
const IN_CONTAINER = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'];

/**
 * The facts of this machine: settings first, then what the kernel and the system tell. Never a MAC, a host name, or
 * anything of a container's own.
 * @param root Where the file system begins, for tests.
 */
export function factsOfHost(given: GivenFacts, root = '/'): HostFacts {
  const at = (path: string): string => join(root, path);
  const inContainer = IN_CONTAINER.some((path) => existsSync(at(path)));
  return {
    read: () => ({
      machineId: named(given.LICENSE_MACHINE_ID, 'LICENSE_MACHINE_ID') ?? (inContainer ? null : first(MACHINE_IDS, at)),
      serial: named(given.LICENSE_SERIAL, 'LICENSE_SERIAL') ?? first(BOARDS, at) ?? diskSerial(at),
    }),
  };
}

function named(text: string, source: string): Fact | null {
  const useful = usefulFact(text);
  return useful === null ? null : { text: useful, source };
}

function first(paths: readonly string[], at: (path: string) => string): Fact | null {
  for (const path of paths) {
    const text = textOf(at(path));
    if (text !== undefined) return { text, source: path };
  }
  return null;
}

/** Serial of the first fixed disk by name. */
function diskSerial(at: (path: string) => string): Fact | null {
  const disks = namesIn(at(DISKS)).filter((name) => !NO_DISK.test(name) && !isRemovable(at(join(DISKS, name))));
  return first(
    disks.sort().flatMap((name) => [join(DISKS, name, 'device/serial'), join(DISKS, name, 'serial')]),
    at,
  );
}

function isRemovable(disk: string): boolean {
  return textAt(join(disk, 'removable')) === '1';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no Linux, or not to be looked at
  }
}

function textOf(path: string): string | undefined {
  return usefulFact(textAt(path)) ?? undefined;
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', '').trim();
  } catch {
    return undefined; // not there, or not for this user
  }
}
