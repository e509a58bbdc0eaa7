// JSON schemas of formats that others define; tests/data has them with their licences.
import { join } from 'node:path';
import Ajv from 'ajv';
import { createRequire } from 'node:module';
import { readJson } from './files.mjs';
import { top } from './run.mjs';

const draft6 = createRequire(import.meta.url)('ajv/dist/refs/json-schema-draft-06.json');
const data = (path) => readJson(join(top, 'tests/data', path));

// Ajv knows "$id" where these, although of draft 4 and 6, write "id" as draft 4 had it; and
// "required" on a property itself, which no draft knows.
function modern(schema) {
	if (Array.isArray(schema))
		return schema.map(modern);
	if (schema === null || typeof schema !== 'object')
		return schema;
	return Object.fromEntries(Object.entries(schema)
		.filter(([key, value]) => !(['id', '$schema'].includes(key) && typeof value === 'string') && !(key === 'required' && typeof value === 'boolean'))
		.map(([key, value]) => [key, modern(value)]));
}

const options = { strict: false, allErrors: true, logger: false, validateFormats: false };
const judge = (validate) => (value) => validate(value) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);

export function adaptiveCard15() {
	const ajv = new Ajv(options);
	ajv.addMetaSchema(draft6);
	return judge(ajv.compile(modern(data('adaptive-cards/adaptive-card-1.5.0.json'))));
}

export function jsonFeed11() {
	const ajv = new Ajv(options);
	// The 1.1 schema refers to the one of 1.0 by its address.
	const old = data('jsonfeed/jsonfeed-schema-1.0.json');
	for (const id of ['https://json.schemastore.org/feed-1', 'https://json.schemastore.org/feed-1.json', 'https://www.schemastore.org/feed-1.json', 'https://www.schemastore.org/feed-1', 'feed-1', 'feed-1.json'])
		ajv.addSchema({ ...modern(old), $id: id });
	return judge(ajv.compile(modern(data('jsonfeed/jsonfeed-schema-1.1.json'))));
}
