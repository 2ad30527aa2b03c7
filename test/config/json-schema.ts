/** As much of JSON Schema as the schema of fwlint.json needs; an unknown keyword is an error, so that nothing is passed over. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly description?: string;
}

const KNOWN = new Set([
  ...[
    '$schema',
    'title',
    'description',
    'type',
    'enum',
    'pattern',
    'minimum',
    'items',
    'properties',
    'required',
    'additionalProperties',
    'propertyNames',
  ],
]);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Whether a value is as a schema says. (json-schema.org, draft 7) */
export function matchesSchema(value: unknown, schema: Schema): boolean {
  const unknown = Object.keys(schema).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new Error(`this test does not know the keyword ${unknown}`);
  const type = typeOf(value);
  if (schema.type !== undefined && schema.type !== type && !(schema.type === 'integer' && Number.isInteger(value))) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (schema.pattern !== undefined && typeof value === 'string' && !new RegExp(schema.pattern, 'u').test(value)) return false;
  if (schema.minimum !== undefined && typeof value === 'number' && value < schema.minimum) return false;
  const { items, properties = {}, required = [], additionalProperties = true, propertyNames } = schema;
  if (Array.isArray(value)) return items === undefined || value.every((item) => matchesSchema(item, items));
  if (type !== 'object') return true;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (required.some((key) => !Object.hasOwn(value as object, key))) return false;
  return entries.every(([key, item]) => {
    if (propertyNames !== undefined && !matchesSchema(key, propertyNames)) return false;
    if (Object.hasOwn(properties, key)) return matchesSchema(item, properties[key] ?? {});
    return typeof additionalProperties === 'boolean' ? additionalProperties : matchesSchema(item, additionalProperties);
  });
}
