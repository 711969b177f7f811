import type { SinkKind } from '../core/kinds.ts';
import { elasticsearch } from './elasticsearch.ts';
import { email } from './email.ts';
import { file } from './file.ts';
import { http } from './http.ts';
import { kafka } from './kafka.ts';
import { otlp } from './otlp.ts';
import { s3 } from './s3.ts';
import { sentinel } from './sentinel.ts';
import { splunkHec } from './splunk-hec.ts';
import { stdout } from './stdout.ts';
import { syslog } from './syslog.ts';

/** Every sink there is, one line each. */
export const sinks: readonly SinkKind<unknown>[] = [stdout, file, splunkHec, syslog, email, http, otlp, elasticsearch, s3, sentinel, kafka];
