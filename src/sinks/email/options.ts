import { choice, duration, either, flag, integer, list, object, pattern, secretText, size, text } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';
import { type Address, addressRule, readAddress } from './address.ts';
import { type MailServer, readServer, serverRule } from './server.ts';
import { compileSubject, type Subject } from './subject.ts';

const address = () =>
  text()
    .transform((value, context): Address => {
      const found = readAddress(value);
      if (!found) context.addIssue({ code: 'custom', message: addressRule });
      return found ?? { name: '', address: '' };
    })
    .meta({ examples: ['Sophos Central <sophos@example.com>'] });

const addresses = () => either(address(), list(address()).min(1, 'names nobody'));

const server = () =>
  text()
    .transform((value, context): MailServer => {
      const found = readServer(value);
      if (!found) context.addIssue({ code: 'custom', message: serverRule });
      return found ?? { host: '', port: 0, isTls: false, user: undefined, password: undefined };
    })
    .meta({ examples: ['smtps://mail.example.com:465'] });

const subject = () =>
  text()
    .max(300, 'must be at most 300 characters')
    .transform((value, context): Subject => {
      const compiled = compileSubject(value);
      if ('write' in compiled) return compiled;
      context.addIssue({ code: 'custom', message: compiled.problem });
      return { write: () => '' };
    });

const heloName = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f.:]+\])$/;

/** What a user may write below `type: email`. */
export const options = object({
  smtp: server()
    .meta({ examples: ['smtps://mail.example.com:465'] })
    .describe('The mail server: `smtps://` is TLS from the start, `smtp://` may switch to it'),
  user: text()
    .optional()
    .meta({ examples: ['sophos@example.com'] })
    .describe('User of the mail server, if it does not stand in the URL'),
  password: secretText()
    .optional()
    .meta({ examples: ['${env:SMTP_PASSWORD}'] })
    .describe('Password of the mail server, if it does not stand in the URL'),
  starttls: choice('required', 'opportunistic', 'never')
    .optional()
    .describe(
      'Of `smtp://`: must, may or may not the connection switch to TLS; default `required` with a password (but not on loopback), otherwise `opportunistic`',
    ),
  caFile: text()
    .optional()
    .meta({ examples: ['company-ca.pem'] })
    .describe('PEM file of certificates to trust besides the system`s'),
  certFile: text()
    .optional()
    .meta({ examples: ['client.pem'] })
    .describe('PEM file of the client certificate'),
  keyFile: text()
    .optional()
    .meta({ examples: ['client.key'] })
    .describe('PEM file of the key of the client certificate'),
  passphrase: secretText()
    .optional()
    .meta({ examples: ['${file:secrets/client.pass}'] })
    .describe('Passphrase of that key'),
  servername: text()
    .optional()
    .meta({ examples: ['mail.example.com'] })
    .describe('Name that the certificate must be for, when it is not that of the URL'),
  name: pattern(heloName, 'must be a host name')
    .optional()
    .meta({ examples: ['connector.example.com'] })
    .describe('How this machine introduces itself (EHLO); default its host name'),
  timeout: duration({ min: 1 }).prefault('2m').describe('Longest silence of the mail server'),
  from: address()
    .meta({ examples: ['Sophos Central <sophos@example.com>'] })
    .describe('Who the mails are from'),
  to: addresses()
    .meta({ examples: ['soc@example.com', ['soc@example.com', 'Jo Doe <jo@example.com>']] })
    .describe('Recipient, or a list of them'),
  cc: addresses()
    .optional()
    .meta({ examples: ['it@example.com'] })
    .describe('Recipients of a copy'),
  bcc: addresses()
    .optional()
    .meta({ examples: ['archive@example.com'] })
    .describe('Recipients of a copy whom the others do not see'),
  replyTo: address()
    .optional()
    .meta({ examples: ['soc@example.com'] })
    .describe('Where answers go'),
  mode: choice('digest', 'each').default('digest').describe('One mail for all records that wait, or one for each'),
  subject: subject().prefault('Sophos Central: {records} of {tenant.name}, {severity}: {type}').describe('Subject, a template'),
  html: flag().default(true).describe('HTML beside the text'),
  maxRecords: integer({ min: 1, max: 5000 })
    .default(200)
    .describe('Most records that one mail lists; of more it tells the sums, and the most severe are listed'),
  maxPerHour: integer({ min: 1, max: 1000 }).default(60).describe('Most mails in one hour; what is beyond waits for the next mail'),
  attach: choice('never', 'overflow', 'always')
    .default('overflow')
    .describe('Are the records attached, as the format of the route writes them: `overflow` when the mail does not show them whole'),
  maxSize: size({ least: '10KB' }).prefault('5MB').describe('Most bytes of records in one mail'),
})
  .refine(({ smtp, user }) => smtp.user === undefined || user === undefined, { path: ['user'], message: 'stands in the URL already' })
  .refine(({ smtp, password }) => smtp.password === undefined || password === undefined, { path: ['password'], message: 'stands in the URL already' })
  .refine(({ smtp, user, password }) => ((smtp.user ?? user) === undefined) === ((smtp.password ?? password) === undefined), {
    path: ['smtp'],
    message: 'user and password belong together: give both, or none',
  })
  .refine(({ smtp, starttls }) => !smtp.isTls || starttls === undefined, { path: ['starttls'], message: 'is for `smtp://`: `smtps://` is TLS from the start' })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    path: ['certFile'],
    message: '`certFile` and `keyFile` belong together: give both, or none',
  })
  .describe('Mail through an SMTP server');

/** The options as they are after reading. */
export interface EmailOptions {
  readonly smtp: MailServer;
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly starttls?: 'required' | 'opportunistic' | 'never' | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly passphrase?: Secret | undefined;
  readonly servername?: string | undefined;
  readonly name?: string | undefined;
  readonly timeout: Millis;
  readonly from: Address;
  readonly to: Address | readonly Address[];
  readonly cc?: Address | readonly Address[] | undefined;
  readonly bcc?: Address | readonly Address[] | undefined;
  readonly replyTo?: Address | undefined;
  readonly mode: 'digest' | 'each';
  readonly subject: Subject;
  readonly html: boolean;
  readonly maxRecords: number;
  readonly maxPerHour: number;
  readonly attach: 'never' | 'overflow' | 'always';
  readonly maxSize: number;
}
