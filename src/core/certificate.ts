/** What is read of a certificate; Node's `PeerCertificate` is one. */
export interface ShownCertificate {
  readonly subject: unknown;
  readonly issuer: unknown;
  readonly valid_from: string;
  readonly valid_to: string;
  readonly fingerprint256: string;
  readonly subjectaltname?: string | undefined;
}

/** One line that names a certificate: subject, issuer, validity, fingerprint. All of it is the far end's word, made harmless. */
export function describeCertificate(certificate: ShownCertificate): string {
  const { subject, issuer, valid_from, valid_to, fingerprint256, subjectaltname } = certificate;
  const parts = [
    `subject ${nameOf(subject)}`,
    ...(subjectaltname ? [`for ${harmless(subjectaltname)}`] : []),
    `issuer ${nameOf(issuer)}`,
    `valid from ${harmless(valid_from)} to ${harmless(valid_to)}`,
    `SHA-256 ${harmless(fingerprint256)}`,
  ];
  return parts.join('; ');
}

/** Text of a far end for a message: one line, of some length, without control characters or marks that reverse the reading order. */
export function harmless(text: unknown, most = 200): string {
  if (typeof text !== 'string') return '?';
  const plain = text.replace(control, ' ').trim();
  return plain.length <= most ? plain : `${plain.slice(0, most)}...`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

function nameOf(name: unknown): string {
  if (typeof name !== 'object' || name === null) return 'nobody';
  const parts = Object.entries(name).map(([key, value]) => `${harmless(key, 20)}=${harmless(Array.isArray(value) ? value.join('+') : value, 80)}`);
  return parts.length === 0 ? 'nobody' : parts.slice(0, 8).join(', ');
}
