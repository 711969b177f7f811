import type { OpenText } from './account.ts';
import type { ById, Instant } from './parts.ts';

export type QuarantineReason = OpenText<
  | 'bulk'
  | 'dataControl'
  | 'dkim'
  | 'dmarc'
  | 'headerAnomaly'
  | 'domainAnomaly'
  | 'impersonation'
  | 'intelixMalicious'
  | 'intelixSuspicious'
  | 'intelixUnscannable'
  | 'maliciousUrl'
  | 'malware'
  | 's/mime'
  | 'spam'
  | 'spf'
  | 'suspectedSpam'
  | 'unscannable'
>;

/** A message in quarantine, as Central spells it (reference, 7.8). The same id can stand there for several recipients. */
export interface QuarantinedMessage extends ById {
  readonly direction?: OpenText<'inbound' | 'outbound'> | null;
  readonly forRecipient?: string | null;
  readonly reason?: QuarantineReason | null;
  readonly quarantinedAt?: string | null;
  /** Of those that were delivered first. */
  readonly o365MessageId?: string | null;
  readonly [field: string]: unknown;
}

export interface QuarantineFilter {
  readonly id?: string;
  readonly fromContains?: string;
  readonly toContains?: string;
  readonly subjectContains?: string;
  readonly attachmentNameContains?: string;
  readonly sizeInMBGreaterThan?: number;
  readonly sizeInMBLowerThan?: number;
  readonly direction?: OpenText<'inbound' | 'outbound'>;
  readonly productType?: OpenText<'mailflow' | 'gateway'>;
  readonly reason?: readonly QuarantineReason[];
  readonly hasAnyAttachment?: boolean;
}

/** What is looked for in the quarantine (reference, 7.8). Paging is ours: it stands in the body too. */
export interface QuarantineSearch {
  readonly beginDate: Instant;
  readonly endDate: Instant;
  readonly fields?: readonly string[];
  /** As in `quarantinedAt:DESC`. */
  readonly sort?: readonly string[];
  readonly filter?: QuarantineFilter;
}

/** The same of what was delivered first; it knows no direction. */
export interface PostDeliverySearch extends Omit<QuarantineSearch, 'filter' | 'fields'> {
  readonly filter?: Omit<QuarantineFilter, 'direction'>;
}

export interface MessagePreview {
  readonly headers?: readonly string[] | null;
  readonly htmlBody?: string | null;
  readonly textBody?: string | null;
}

export interface MessageAttachment {
  readonly name?: string | null;
  readonly [field: string]: unknown;
}

export interface MessagesReleased {
  readonly items: readonly ById[];
  readonly allowSender?: boolean;
  readonly enforceSenderAuthentication?: boolean;
  readonly submitMessageToLabs?: boolean;
}

export interface MessagesDeleted {
  readonly items: readonly ById[];
  readonly blockSender?: boolean;
}

/** Only which messages. */
export interface MessagesChosen {
  readonly items: readonly ById[];
}

/** What was done, and in `errors` what was not: the status is a success either way. */
export interface MessagesOutcome {
  readonly items?: readonly MessageOutcome[] | null;
  readonly errors?: readonly MessageOutcome[] | null;
}

export interface MessageOutcome {
  readonly id?: string | null;
  readonly recipient?: string | null;
  readonly [field: string]: unknown;
}

export interface AttachmentsChosen {
  /** Their names. */
  readonly attachments: readonly string[];
  readonly forRecipients?: readonly string[];
}

/** As MessagesOutcome, of attachments. */
export interface AttachmentsOutcome {
  readonly items?: readonly AttachmentOutcome[] | null;
  readonly errors?: readonly AttachmentOutcome[] | null;
}

export interface AttachmentOutcome {
  readonly attachment?: string | null;
  readonly recipient?: string | null;
  readonly [field: string]: unknown;
}

/** Attachments that are being packed. `url` and `password` open the archive for everybody who has them. */
export interface AttachmentDownload extends ById {
  readonly status?: OpenText<'processing' | 'completed' | 'failed'> | null;
  readonly attachments?: readonly string[] | null;
  readonly url?: string | null;
  readonly password?: string | null;
  readonly error?: OpenText<'attachmentNotFound'> | null;
}

/** What to take back out of mailboxes. */
export interface Clawback {
  readonly recipients: readonly string[];
  readonly reason?: OpenText<'phishing' | 'malware' | 'spam'>;
}

export interface ClawbackAccepted extends ById {
  readonly recipients?: readonly string[] | null;
  readonly errors?: readonly { readonly recipient?: string | null; readonly error?: OpenText<'clawbackNotSupported'> | null }[] | null;
}

/** How far a message has come, for one recipient. */
export type MessageStatus = Readonly<Record<string, unknown>>;
