import type { Outcome } from './effect.ts';
import type { Machine } from './machine.ts';
import { rounded, spread } from './numbers.ts';

/** One line of the table. `unit` says what the figures are; all are numbers. */
export interface Row {
  readonly workload: string;
  readonly system: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly lost: number;
  readonly duplicates: number;
}

/** Ours against a peer or against an aim. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly aim: number;
  readonly better: 'higher' | 'lower';
}

/** The whole of a benchmark, as `--json` writes it. */
export interface Report {
  readonly name: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
}

interface Sample {
  readonly workload: string;
  readonly system: string;
  readonly unit: string;
  readonly value: number;
  readonly outcome: Outcome;
}

/** Gathers the figures of interleaved runs. */
export class Results {
  private readonly samples: Sample[] = [];

  add(sample: Sample): void {
    this.samples.push(sample);
  }

  /** One row per workload, system and unit, in the order in which they first appeared; lost and duplicates summed over the runs. */
  rows(): Row[] {
    const groups = Map.groupBy(this.samples, (sample) => `${sample.workload}\n${sample.system}\n${sample.unit}`);
    return [...groups.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { median, min, max, runs } = spread(group.map((sample) => sample.value));
      const lost = group.reduce((sum, sample) => sum + sample.outcome.lost, 0);
      const duplicates = group.reduce((sum, sample) => sum + sample.outcome.duplicates, 0);
      const { workload, system, unit } = first;
      return [
        {
          workload,
          system,
          unit,
          median: rounded(median),
          min: rounded(min),
          max: rounded(max),
          runs,
          lost,
          duplicates,
        },
      ];
    });
  }
}

/** What we promise ourselves, against tuned graphile-worker in the same run. A ratio whose row was not measured is left out. */
const AIMS: readonly { name: string; workload: string; unit: string; aim: number; better: 'higher' | 'lower' }[] = [
  { name: 'drain', workload: 'drain', unit: 'jobs/s', aim: 1.2, better: 'higher' },
  { name: 'pinned', workload: 'pinned', unit: 'jobs/s', aim: 1.2, better: 'higher' },
  { name: 'sustained', workload: 'sustained', unit: 'jobs/s', aim: 1.2, better: 'higher' },
  { name: 'p50 at 100/s', workload: 'paced 100/s', unit: 'ms p50', aim: 1, better: 'lower' },
  { name: 'p99 at 100/s', workload: 'paced 100/s', unit: 'ms p99', aim: 1, better: 'lower' },
  { name: 'p50 at 1000/s', workload: 'paced 1000/s', unit: 'ms p50', aim: 0.1, better: 'lower' },
  { name: 'p99 at 1000/s', workload: 'paced 1000/s', unit: 'ms p99', aim: 0.1, better: 'lower' },
];
const OURS = 'nexora';
const PEER = 'graphile-worker tuned';
const RECOVERY_AIM_SECONDS = 5;

export function ratios(rows: readonly Row[]): Ratio[] {
  const found = (workload: string, system: string, unit: string): Row | undefined =>
    rows.find((row) => row.workload === workload && row.system === system && row.unit === unit);
  const against = AIMS.flatMap(({ name, workload, unit, aim, better }) => {
    const ours = found(workload, OURS, unit);
    const peer = found(workload, PEER, unit);
    if (ours === undefined || peer === undefined) return [];
    return [{ name: `${name}, ${OURS} ÷ ${PEER}`, value: rounded(ours.median / peer.median), aim, better }];
  });
  const recovery = found('crash', OURS, 's to recovery');
  if (recovery === undefined) return against;
  return [
    ...against,
    { name: `crash, ${OURS}, seconds to recovery`, value: recovery.median, aim: RECOVERY_AIM_SECONDS, better: 'lower' },
  ];
}
