// An authorization server and a resource server that have never heard of dogpipe: oidc-provider, and
// the official SDK's bearer middleware before the official SDK's MCP server. Both on loopback.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, isInitializeRequest, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import Provider, { errors } from 'oidc-provider';
import { UserAgent } from './user_agent.mjs';

export const scopes = ['mcp:read', 'mcp:write'];

/** A server on some port of 127.0.0.1; what it does comes later, when the port is known. */
async function listen() {
  const server = createServer();
  await new Promise((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', resolve));
  const stop = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { server, origin: `http://127.0.0.1:${server.address().port}`, stop };
}

/** An entry in `requests` for each request; the status joins it when it is answered. */
function noting(requests, handler) {
  return (request, response) => {
    const entry = { method: request.method, path: new URL(request.url, 'http://_').pathname };
    requests.push(entry);
    response.on('finish', () => (entry.status = response.statusCode));
    handler(request, response);
  };
}

function configuration(resource) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'only' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['openid', 'offline_access', ...scopes],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
    ttl: { AccessToken: 3600, RefreshToken: 86400, Grant: 86400, DeviceCode: 600, Session: 600, Interaction: 600 },
    interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      revocation: { enabled: true },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, indicator) => {
          if (indicator !== resource()) throw new errors.InvalidTarget();
          return {
            scope: scopes.join(' '), audience: indicator, accessTokenTTL: 3600,
            accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
  };
}

/**
 * oidc-provider with one user, who agrees to everything unless `refuses` is set. `secrets` is all it
 * ever gave out that nobody else may see; `grants` are the requests for tokens that were granted, by
 * kind, `errors` those that failed, `revoked` the grants withdrawn as a whole.
 */
export async function authorizationServer(resource) {
  const { server, origin, stop } = await listen();
  const self = {
    issuer: origin, stop, refuses: false,
    requests: [], grants: [], errors: [], revoked: [], tokens: [], refreshTokens: [], secrets: new Set(),
  };
  const provider = new Provider(origin, configuration(resource));

  // The user, who needs no page to make up their mind.
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const accountId = 'ada';
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(['openid', 'offline_access', ...scopes].join(' '));
    grant.addResourceScope(resource(), scopes.join(' '));
    const yes = { login: { accountId }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(ctx.req, ctx.res, self.refuses ? { error: 'access_denied' } : yes);
  });

  // Long enough for two requests that nobody keeps apart to meet.
  provider.use(async (ctx, next) => {
    if (ctx.path === '/token') await setTimeout(150);
    await next();
  });

  const keep = (...values) => values.filter(Boolean).forEach((value) => self.secrets.add(value));
  provider.on('access_token.issued', ({ jti }) => self.tokens.push(jti));
  provider.on('authorization.success', ({ oidc }, out) => keep(out?.code, oidc.body?.code));
  provider.on('device_authorization.success', (ctx, body) => keep(body.device_code));
  provider.on('registration_create.success', ({ body }) => keep(body.client_secret, body.registration_access_token));
  provider.on('grant.success', ({ oidc, body }) => {
    self.grants.push(oidc.params.grant_type);
    self.refreshTokens.push(body.refresh_token);
    keep(body.access_token, body.refresh_token, oidc.params.code_verifier);
  });
  provider.on('grant.error', ({ oidc }, { error, error_detail: detail }) => {
    if (!['authorization_pending', 'slow_down'].includes(error)) self.errors.push(`${oidc.params?.grant_type}: ${error} (${detail})`);
  });
  provider.on('grant.revoked', (ctx, grantId) => self.revoked.push(grantId));
  provider.on('server_error', (ctx, error) => console.error(error));
  server.on('request', noting(self.requests, provider.callback()));
  self.knows = async (refreshToken) => Boolean(await provider.RefreshToken.find(refreshToken));
  return self;
}

/** How a person approves a device: the page named by the device, what it shows, and yes. */
export async function approve(page) {
  const browser = new UserAgent();
  let at = await browser.visit(page);
  for (let forms = 0; forms < 3; forms++) {
    const form = Object.fromEntries(
      [...at.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)"/g)].map(([, name, value]) => [name, value]));
    const [, action] = /<form [^>]*action="([^"]+)"/.exec(at.text) ?? [];
    if (!action || !form.xsrf) break;
    at = await browser.visit(action, form);
  }
  return at;
}

function mcpServer() {
  const server = new Server({ name: 'oauth-referee', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [{ name: 'whoami', inputSchema: { type: 'object' } }] }));
  server.setRequestHandler(CallToolRequestSchema, (request, { authInfo }) => ({
    content: [{ type: 'text', text: `${authInfo.extra.subject} with ${authInfo.scopes.toSorted().join(' ')}` }],
  }));
  return server;
}

/** What `whoami` says. */
export const greeting = `ada with ${scopes.join(' ')}`;

/**
 * The chain: `url` is the MCP server behind `as`. `expire()` makes every access token issued so far
 * one that the server refuses; `requests` are the HTTP requests of both.
 */
export async function chain() {
  const { server, origin, stop } = await listen();
  const url = `${origin}/mcp`;
  const as = await authorizationServer(() => url);
  const oauthMetadata = await (await fetch(`${as.issuer}/.well-known/oauth-authorization-server`)).json();
  const keys = createRemoteJWKSet(new URL(oauthMetadata.jwks_uri));
  const expired = new Set();

  const verifyAccessToken = async (token) => {
    const { payload } = await jwtVerify(token, keys, { issuer: as.issuer, audience: url }).catch((error) => {
      throw new InvalidTokenError(error.code);
    });
    if (expired.has(payload.jti)) throw new InvalidTokenError('expired');
    return {
      token, clientId: payload.client_id, scopes: payload.scope.split(' '), expiresAt: payload.exp,
      resource: new URL(payload.aud), extra: { subject: payload.sub },
    };
  };

  const sessions = new Map();
  const app = express();
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: new URL(url), scopesSupported: scopes }));
  app.use('/mcp', express.json(), requireBearerAuth({
    verifier: { verifyAccessToken }, requiredScopes: scopes, expectedResource: new URL(url),
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(new URL(url)),
  }));
  app.all('/mcp', async (request, response) => {
    let transport = sessions.get(request.headers['mcp-session-id']);
    if (!transport && isInitializeRequest(request.body)) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, transport),
      });
      await mcpServer().connect(transport);
    }
    if (!transport) return response.status(404).end();
    await transport.handleRequest(request, response, request.body);
  });
  const requests = [];
  server.on('request', noting(requests, app));
  const self = { url, as, expire: () => as.tokens.forEach((jti) => expired.add(jti)) };
  self.requests = () => [...requests, ...as.requests];
  self.stop = async () => {
    await stop();
    await as.stop();
  };
  as.requests.length = 0;
  return self;
}
