/** How dangerous a site has to be to be deleted. */
import type { RiskLevel } from '../../clients/intelix/risk.ts';
import { usage } from '../exit.ts';

export const levels = ['ALL', 'HIGH', 'HIGH_MEDIUM', 'MEDIUM', 'LOW'] as const;
export type Level = (typeof levels)[number];

/** What is not classified is never deleted, at any level. */
export const deletableRisks = ['HIGH', 'MEDIUM', 'LOW', 'TRUSTED'] as const satisfies readonly RiskLevel[];
export type DeletableRisk = (typeof deletableRisks)[number];

const risksOf: Readonly<Record<Level, readonly DeletableRisk[]>> = {
  ALL: deletableRisks,
  HIGH: ['HIGH'],
  HIGH_MEDIUM: ['HIGH', 'MEDIUM'],
  MEDIUM: ['MEDIUM'],
  LOW: ['LOW'],
};

/** The risk, if a site that has it is deleted at this level. */
export function deletableAt(level: Level, risk: RiskLevel): DeletableRisk | null {
  return risksOf[level].find((each) => each === risk) ?? null;
}

/** The value of `--level`, in either case. Throws config `usage.level`. */
export function levelIn(text: string): Level {
  const found = levels.find((each) => each === text.trim().toUpperCase());
  if (found) return found;
  throw usage('level', `\`--level ${text}\` is not a level`, `Use one of ${levels.join(', ')}.`);
}
