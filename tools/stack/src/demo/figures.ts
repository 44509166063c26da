import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './house.ts';

/** One figure of the demonstration, and what it must be. */
export interface Figure {
  readonly what: string;
  readonly is: number;
  readonly shouldBe: number;
}

/** What is compared at the end: the shop's rows, the PAC's memory, and the files. */
export interface Evidence {
  readonly rows: readonly Row[];
  /** One entry per request that reached the PAC; `uuid` null where none was stamped. */
  readonly log: readonly { readonly uuid: string | null }[];
  /** Stamps that the PAC remembers. */
  readonly stamps: number;
  /** Directory of the object store. */
  readonly objects: string;
}

/** Counts; every figure must be `count`. */
export function figuresOf({ rows, log, stamps, objects }: Evidence, count: number): Figure[] {
  const uuids = new Set(rows.map((row) => row.uuid).filter((uuid) => uuid !== null));
  const onPacSide = new Set(log.map((entry) => entry.uuid).filter((uuid) => uuid !== null));
  const figure = (what: string, is: number): Figure => ({ what, is, shouldBe: count });
  return [
    figure('comprobantes listos', rows.filter((row) => row.estado === 'listo').length),
    figure('distinct UUIDs', uuids.size),
    figure('stamps that the PAC remembers', stamps),
    figure('UUIDs that the PAC gave, all of them ours', [...onPacSide].filter((uuid) => uuids.has(uuid)).length),
    figure('UUIDs that the PAC gave', onPacSide.size),
    figure(
      'XMLs in storage, each with its UUID',
      countOf(objects, 'xml', uuids, (bytes, uuid) => bytes.includes(uuid)),
    ),
    figure(
      'PDFs in storage',
      countOf(objects, 'pdf', uuids, (bytes) => bytes.subarray(0, 5).toString() === '%PDF-'),
    ),
  ];
}

/** Files `<uuid>.<kind>` of these UUIDs whose content is what it should be. */
function countOf(
  objects: string,
  kind: string,
  uuids: ReadonlySet<string>,
  isRight: (bytes: Buffer, uuid: string) => boolean,
): number {
  const good = globSync(`**/*.${kind}`, { cwd: objects }).filter((file) => {
    const uuid = [...uuids].find((each) => file.toLowerCase().endsWith(`/${each.toLowerCase()}.${kind}`));
    return uuid !== undefined && isRight(readFileSync(join(objects, file)), uuid);
  });
  return good.length;
}

/** The figures as a person reads them. */
export function tableOf(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map((each) => each.what.length));
  const line = ({ what, is, shouldBe }: Figure) =>
    `  ${is === shouldBe ? '✓' : '✗'} ${what.padEnd(width)}  ${is} of ${shouldBe}`;
  return figures.map(line).join('\n');
}
