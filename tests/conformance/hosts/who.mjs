export const who = { name: 'dogpipe-conformance', version: '1.0.0' };
