// Writes src/api/records.ts, the types of the records, from docs/schemas: node scripts/records.mjs [--check]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const SCHEMAS = new URL('../../docs/schemas/', import.meta.url);
const TARGET = new URL('../src/api/records.ts', import.meta.url);

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      const item = typeOf(schema.items ?? {});
      return item.includes('|') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return `Record<string, ${typeOf(schema.additionalProperties || {})}>`;
    default:
      return 'unknown';
  }
}

function interfaceOf(name, schema) {
  const lines = [`/** ${schema.description} */`, `export interface ${name} {`];
  for (const [key, value] of Object.entries(schema.properties)) {
    if (value.description) lines.push(`  /** ${value.description} */`);
    lines.push(`  ${key}${schema.required?.includes(key) ? '' : '?'}: ${typeOf(value)};`);
  }
  return [...lines, '}', ''].join('\n');
}

const found = new Map();
for (const file of readdirSync(SCHEMAS).sort()) {
  const schema = JSON.parse(readFileSync(new URL(file, SCHEMAS), 'utf8'));
  for (const [name, each] of Object.entries({ ...schema.$defs, [schema.title]: schema })) {
    if (each.properties) found.set(name, each);
  }
}
const names = [...found.keys()].sort();
const text = [
  '// Made by scripts/records.mjs from docs/schemas.\n',
  ...names.map((name) => interfaceOf(name, found.get(name))),
].join('\n');
if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') !== text) {
    console.error('src/api/records.ts differs from docs/schemas: run npm run records');
    process.exit(1);
  }
} else {
  writeFileSync(TARGET, text);
}
