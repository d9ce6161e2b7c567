// An OpenID provider for trying out: real tokens (RS256, keys made at every start), the users of users.json, no passwords.
// Its tokens look like Keycloak's: roles in realm_access.roles, regions (AGS) in regions.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';

const issuer = process.env.ISSUER ?? 'http://127.0.0.1:8090';
const audience = process.env.AUDIENCE ?? 'klimakreis';
const users = JSON.parse(readFileSync(new URL('users.json', import.meta.url)));
const claims = (id) => ({
  preferred_username: id,
  realm_access: { roles: users[id]?.roles ?? [] },
  regions: users[id]?.regions ?? [],
});
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

const provider = new Provider(issuer, {
  // A program on the user's own machine: no secret, proof of possession (PKCE) instead.
  clients: [{
    client_id: 'klima-trial',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
  }],
  jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: `trial-${Date.now()}` }] },
  scopes: ['openid', 'klima'],
  claims: { openid: ['sub', 'preferred_username', 'realm_access', 'regions'] },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:klimakreis',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'klima', audience, accessTokenFormat: 'jwt', accessTokenTTL: 3600, jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (_, token) => claims(token.accountId),
  findAccount: (_, id) => (users[id] ? { accountId: id, claims: () => ({ sub: id, ...claims(id) }) } : undefined),
  cookies: { keys: [key.d.slice(0, 32)] },
});
const server = provider.listen(8090, '0.0.0.0', () => console.log(`{"event":"OpenID provider for trying out","issuer":"${issuer}"}`));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.close(() => process.exit(0)));
