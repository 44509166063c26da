import { rounded } from '../numbers.ts';
import type { Ratio, Row } from '../results.ts';

/** Figures that the agent is to reach by itself (spec, "Speed"), a second and core. */
const AIMS = [
  { name: 'build, cadena, seal and check of 5 conceptos, documents', workload: 'seal', unit: 'per CPU s', aim: 300 },
  { name: 'pending to timbrado, stampings', workload: 'stamp', unit: 'per CPU s', aim: 200 },
  { name: 'PDFs of 5 conceptos', workload: 'pdf', unit: 'per CPU s', aim: 25 },
] as const;

/** Figures beside those of peers in the same run. */
const PEERS = [
  { workload: 'cadena', unit: 'per s', peer: 'xsltproc' },
  { workload: 'seal', unit: 'per CPU s', peer: 'satcfdi' },
  { workload: 'pdf', unit: 'per CPU s', peer: 'satcfdi' },
] as const;

const OURS = 'nexora';

/** What was reached; what was not measured is left out. */
export function cfdiRatios(rows: readonly Row[]): Ratio[] {
  const median = (workload: string, system: string, unit: string): number | undefined =>
    rows.find((row) => row.workload === workload && row.system === system && row.unit === unit)?.median;
  const alone = AIMS.flatMap(({ name, workload, unit, aim }): Ratio[] => {
    const value = median(workload, OURS, unit);
    return value === undefined ? [] : [{ name: `${name} ${unit}`, value, aim, better: 'higher' }];
  });
  const beside = PEERS.flatMap(({ workload, unit, peer }): Ratio[] => {
    const [ours, theirs] = [median(workload, OURS, unit), median(workload, peer, unit)];
    if (ours === undefined || theirs === undefined) return [];
    return [{ name: `${workload}, ${OURS} ÷ ${peer}`, value: rounded(ours / theirs), aim: 1, better: 'higher' }];
  });
  return [...alone, ...beside];
}
