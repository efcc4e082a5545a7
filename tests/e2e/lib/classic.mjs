// The fifteen tools of Datadog's server, and arguments for them made from their schemas.
export const classic = [
  'ask_docs', 'get_events', 'get_incident', 'get_metrics', 'get_monitors', 'get_synthetics_tests', 'get_trace',
  'list_dashboards', 'list_hosts', 'list_incidents', 'list_metrics', 'list_services', 'list_spans', 'search_logs',
  'search_rum_events',
];

function valueFor(schema = {}) {
  if (schema.default !== undefined) return schema.default;
  if (schema.examples?.length) return schema.examples[0];
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'array':
      return [valueFor(schema.items)];
    case 'object':
      return Object.fromEntries((schema.required ?? []).map((key) => [key, valueFor(schema.properties?.[key])]));
    default:
      return '*';
  }
}

/** What the tool requires, what to look for, and why we ask. */
export function argumentsFor({ inputSchema }) {
  const { properties = {}, required = [] } = inputSchema;
  const needed = new Set(required.filter((key) => key !== 'telemetry'));
  if ('query' in properties) needed.add('query');
  return {
    ...Object.fromEntries([...needed].map((key) => [key, valueFor(properties[key])])),
    telemetry: { intent: 'compare the answer with and without the bridge' },
  };
}
