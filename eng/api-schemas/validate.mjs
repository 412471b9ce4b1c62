// validate.mjs DESCRIPTION: reads lines {"schema": NAME, "value": …}, answers each with "ok" or with what is wrong.
import fs from 'node:fs';
import readline from 'node:readline';
import Ajv from 'ajv/dist/2020.js';

const description = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

// The description is OpenAPI 3.1, but parts of it still say "nullable", which JSON Schema does not know.
function withNulls(node) {
  if (Array.isArray(node)) return node.map(withNulls);
  if (node === null || typeof node !== 'object') return node;
  const { nullable, ...rest } = node;
  const plain = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, withNulls(value)]));
  return nullable === true ? { anyOf: [plain, { type: 'null' }] } : plain;
}

const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
ajv.addSchema({ $id: 'api', components: withNulls(description.components) });

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { schema, value } = JSON.parse(line);
  const validate = ajv.getSchema(`api#/components/schemas/${schema}`);
  const valid = validate !== undefined && validate(value);
  console.log(valid ? 'ok' : `${schema}: ${validate ? ajv.errorsText(validate.errors.slice(-6)) : 'no such schema'}`);
}
