import { acting, type NoQuery, of, reading } from '../form.ts';
import type { AccountHealth, AccountHealthQuery, HealthSnooze, HistoricalScores, HistoricalScoresQuery, RegionalScores } from '../shapes/account-health.ts';

/** How well the account is set up (reference, 7.1). */
export const accountHealth = {
  check: reading('/account-health-check/v1/health-check', of<AccountHealth, AccountHealthQuery>(), 'check the account health'),
  regionalScores: reading('/account-health-check/v1/scores/regional', of<RegionalScores>(), 'read the health scores of the region'),
  historicalScores: reading('/account-health-check/v1/scores/historical', of<HistoricalScores, HistoricalScoresQuery>(), 'read the health scores of the past'),
  snooze: acting('POST', '/account-health-check/v1/snooze', of<HealthSnooze, NoQuery, HealthSnooze>(), 'snooze health checks'),
};
