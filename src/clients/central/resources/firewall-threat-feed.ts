import { acting, type NoQuery, of, querying, reading, removing } from '../form.ts';
import type {
  FirewallTransaction,
  FirewallTransactionBegun,
  FirewallTransactionQuery,
  IndicatorSearch,
  Indicators,
  ThreatFeedSettings,
} from '../shapes/firewall-threat-feed.ts';

/** The MDR threat feed of a firewall (reference, 7.6). Every call begins a transaction, which tells the outcome later. */
export const firewallThreatFeed = {
  get: reading('/firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed', of<FirewallTransactionBegun>(), 'read the threat feed of a firewall'),
  update: acting(
    'PATCH',
    '/firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/settings',
    of<FirewallTransactionBegun, NoQuery, ThreatFeedSettings>(),
    'change the threat feed of a firewall',
  ),
  addIndicators: acting(
    'POST',
    '/firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators',
    of<FirewallTransactionBegun, NoQuery, Indicators>(),
    'add indicators to a firewall',
  ),
  deleteAllIndicators: removing(
    '/firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators',
    of<FirewallTransactionBegun>(),
    'delete all indicators of a firewall',
  ),
  deleteIndicators: acting(
    'POST',
    '/firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators/delete',
    of<FirewallTransactionBegun, NoQuery, Indicators>(),
    'delete indicators of a firewall',
  ),
  searchIndicators: querying(
    '/firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators/search',
    of<FirewallTransactionBegun, NoQuery, IndicatorSearch>(),
    'search the indicators of a firewall',
  ),
  transaction: reading(
    '/firewall/v1/firewall-config/firewalls/{firewallId}/transactions/{transactionId}',
    of<FirewallTransaction, FirewallTransactionQuery>(),
    'read a transaction of a firewall',
  ),
};
