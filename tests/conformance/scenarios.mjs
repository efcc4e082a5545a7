// What is asked of dogpipe, by wire: the revision the suite's server speaks.
export const scenarios = [
  {
    wire: '2025-11-25',
    names: [
      'initialize',
      'tools_call',
      'elicitation-sep1034-client-defaults',
      'sse-retry',
      'json-schema-2020-12-preservation',
      'auth/metadata-default',
      'auth/metadata-var1',
      'auth/metadata-var2',
      'auth/metadata-var3',
      'auth/basic-cimd',
      'auth/scope-from-www-authenticate',
      'auth/scope-from-scopes-supported',
      'auth/scope-omitted-when-undefined',
      'auth/scope-step-up',
      'auth/scope-retry-limit',
      'auth/token-endpoint-auth-basic',
      'auth/token-endpoint-auth-post',
      'auth/token-endpoint-auth-none',
      'auth/pre-registration',
    ],
  },
  {
    wire: '2025-03-26',
    names: ['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback'],
  },
  {
    // Extensions, which belong to no revision, and what the suite has for newer ones: their servers
    // speak this wire as well, and what they look at is as good advice here.
    wire: '2025-11-25',
    force: true,
    names: [
      'auth/client-credentials-basic',
      'auth/client-credentials-jwt',
      'auth/authorization-server-migration',
      'auth/offline-access-scope',
      'auth/offline-access-not-supported',
      'auth/iss-supported',
      'auth/iss-not-advertised',
      'auth/iss-supported-missing',
      'auth/iss-wrong-issuer',
      'auth/iss-unexpected',
      'auth/iss-normalized',
      'auth/resource-mismatch',
      'auth/metadata-issuer-mismatch',
    ],
  },
];
