import type { Meaning, Service } from '../request.ts';

const later = 'Try again later; if it goes on, ask Sophos support with the correlation id.';

/** What Intelix' statuses mean (reference, 11.5), in one place. */
function meaningOf(status: number): Meaning {
  switch (status) {
    case 400:
      return {
        kind: 'rejected',
        code: 'intelix.bad-input',
        means: 'what was asked for was not accepted',
        advice: 'Correct the address, hash or file; if it is right, report this with the correlation id.',
      };
    case 401:
      return {
        kind: 'auth',
        code: 'intelix.unauthorized',
        means: 'the token was not accepted',
        advice: 'Check the credential: it is that of SophosLabs Intelix, not one of Sophos Central.',
      };
    case 403:
      return {
        kind: 'auth',
        code: 'intelix.not-subscribed',
        means: 'the credential does not open this service',
        advice: 'Check the Intelix subscription (in the AWS Marketplace): it may have ended, or not include this kind of lookup or analysis.',
      };
    case 404:
      return {
        kind: 'rejected',
        code: 'intelix.not-found',
        means: 'there is no such object or route on this host',
        advice: 'Check `region`, and `authUrl` and `apiUrl` if you set them.',
      };
    case 413:
      return { kind: 'rejected', code: 'intelix.too-large', means: 'the file is too large', advice: 'Look its SHA-256 up instead, or give a smaller file.' };
    case 429:
      return {
        kind: 'transient',
        code: 'intelix.throttled',
        means: 'too many requests, or the allowance of the subscription is used up',
        advice: 'Wait as long as it says. Lower `rateLimits`, or look at the allowance of the subscription.',
      };
    case 408:
    case 425:
      return { kind: 'transient', code: 'intelix.unavailable', means: 'the request came too slowly or too early', advice: later };
    default:
      if (status >= 500) return { kind: 'transient', code: 'intelix.unavailable', means: 'Intelix or a gateway before it is not available', advice: later };
      if (status < 400)
        return {
          kind: 'transient',
          code: 'intelix.redirected',
          means: 'we were sent elsewhere, and did not go',
          advice: 'Look whether a proxy in between wants a login, and check `authUrl` and `apiUrl` if you set them.',
        };
      return { kind: 'rejected', code: 'intelix.refused', means: 'the request was refused', advice: 'Ask Sophos support, with the correlation id.' };
  }
}

/** Intelix, as failures tell it. They are of the class `CentralError`: an answer of Sophos, with status, correlation id and request. */
export const intelixService: Service = {
  name: 'Intelix',
  meaningOf,
  badBody: {
    kind: 'transient',
    code: 'intelix.bad-body',
    advice: 'Look for a proxy or gateway in between that changes answers; without one, try again later.',
  },
};
