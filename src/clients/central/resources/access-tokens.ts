import { acting, byPageOf, globally, listing, type NoQuery, of, removing } from '../form.ts';
import type { AccessToken, AccessTokenChange, NewAccessToken } from '../shapes/access-tokens.ts';
import type { Deleted } from '../shapes/parts.ts';

/** Tokens for products, such as the Linux sensor (reference, 7.8). */
export const accessTokens = {
  list: globally(listing('/accounts/v1/access-tokens', byPageOf(100), of<AccessToken>(), 'list the access tokens')),
  create: globally(acting('POST', '/accounts/v1/access-tokens', of<AccessToken, NoQuery, NewAccessToken>(), 'create an access token')),
  update: globally(acting('PATCH', '/accounts/v1/access-tokens/{tokenId}', of<AccessToken, NoQuery, AccessTokenChange>(), 'change an access token')),
  revoke: globally(removing('/accounts/v1/access-tokens/{tokenId}', of<Deleted>(), 'revoke an access token')),
};
