/** As much of JSON Schema as the schemas of this project need; an unknown keyword is an error, so that nothing is passed over. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly description?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
}

const KNOWN = new Set([
  '$schema',
  '$ref',
  'title',
  'description',
  'definitions',
  'type',
  'enum',
  'pattern',
  'minimum',
  'minItems',
  'items',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
]);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Whether a value is as a schema says. (json-schema.org, draft 7) */
export function matchesSchema(value: unknown, schema: Schema, root: Schema = schema): boolean {
  const matches = (part: unknown, partSchema: Schema): boolean => matchesSchema(part, partSchema, root);
  if (schema.$ref !== undefined) {
    const definition = root.definitions?.[schema.$ref.replace('#/definitions/', '')];
    if (definition === undefined) throw new Error(`there is no ${schema.$ref}`);
    return matches(value, definition);
  }
  const unknown = Object.keys(schema).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw new Error(`this test does not know the keyword ${unknown}`);
  const type = typeOf(value);
  if (schema.type !== undefined && schema.type !== type && !(schema.type === 'integer' && Number.isInteger(value))) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (schema.pattern !== undefined && typeof value === 'string' && !new RegExp(schema.pattern, 'u').test(value)) return false;
  if (schema.minimum !== undefined && typeof value === 'number' && value < schema.minimum) return false;
  if (schema.minItems !== undefined && Array.isArray(value) && value.length < schema.minItems) return false;
  const { items, properties = {}, required = [], additionalProperties = true, propertyNames } = schema;
  if (Array.isArray(value)) return items === undefined || value.every((item) => matches(item, items));
  if (type !== 'object') return true;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (required.some((key) => !Object.hasOwn(value as object, key))) return false;
  return entries.every(([key, item]) => {
    if (propertyNames !== undefined && !matches(key, propertyNames)) return false;
    if (Object.hasOwn(properties, key)) return matches(item, properties[key] ?? {});
    return typeof additionalProperties === 'boolean' ? additionalProperties : matches(item, additionalProperties);
  });
}
