import { actionRows } from './action-rows.ts';
import { centralRows } from './central-rows.ts';
import { kafkaRows, s3Rows, sentinelRows } from './cloud-rows.ts';
import { configRows } from './config-rows.ts';
import { emailRows } from './email-rows.ts';
import { fileRows } from './file-rows.ts';
import { hecRows } from './hec-rows.ts';
import { importApiConnectRows } from './import-api-connect-rows.ts';
import { importApiConnectorRows } from './import-api-connector-rows.ts';
import { importSiemRows } from './import-siem-rows.ts';
import { intelixRows } from './intelix-rows.ts';
import { journalRows } from './journal-rows.ts';
import { networkRows } from './network-rows.ts';
import { remoteSecretRows } from './remote-secret-rows.ts';
import type { Row } from './row.ts';
import { runRows } from './run-rows.ts';
import { secretRows } from './secret-rows.ts';
import { elasticsearchRows, otlpRows, webhookRows } from './web-rows.ts';
import { wireRows } from './wire-rows.ts';

/** The table: where it goes wrong, and how. */
export const areas: readonly (readonly [area: string, rows: readonly Row[]])[] = [
  ['the network', networkRows],
  ['Sophos Central', centralRows],
  ['searches of Sophos Central', runRows],
  ['Intelix', intelixRows],
  ['Splunk', hecRows],
  ['mail', emailRows],
  ['syslog', wireRows],
  ['a webhook', webhookRows],
  ['OpenTelemetry', otlpRows],
  ['Elasticsearch', elasticsearchRows],
  ['S3', s3Rows],
  ['Sentinel', sentinelRows],
  ['Kafka', kafkaRows],
  ['files', fileRows],
  ['the journal', journalRows],
  ['the configuration', configRows],
  ['secrets kept elsewhere', secretRows],
  ['secrets asked for over the network', remoteSecretRows],
  ['imports from siem.py', importSiemRows],
  ['imports from sophos-central-api-connector', importApiConnectorRows],
  ['imports from Sophos API Connect', importApiConnectRows],
  ['actions and what is kept of them', actionRows],
];
