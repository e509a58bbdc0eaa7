// What response headers say, read as strictly as their standards write them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

// Cache-Control and its targeted siblings: { public: true, 'max-age': 60 }. A directive that
// stands there twice, or a number that is none, fails.
export function directives(text) {
	const all = {};
	for (const part of text.split(',')) {
		const [, name, value] = /^\s*([a-z-]+)(?:=(\d+))?\s*$/.exec(part) ?? [];
		assert.ok(name, `"${part}" in "${text}" is no directive`);
		assert.ok(!(name in all), `${name} stands twice in "${text}"`);
		all[name] = value === undefined ? true : Number(value);
	}
	return all;
}

// For how many seconds a cache may use it in the worst case.
export function longest(text) {
	const all = directives(text ?? '');
	if (all['no-store'] || all['no-cache'])
		return 0;
	return (all['max-age'] ?? 0) + Math.max(all['stale-while-revalidate'] ?? 0, all['stale-if-error'] ?? 0);
}

// Surrogate keys, which the three headers must agree about.
export function keys(headers) {
	const list = headers['surrogate-key'].split(' ');
	assert.deepEqual(headers['cache-tag'].split(','), list);
	assert.equal(headers['cache-groups'], list.map((key) => `"${key}"`).join(', '));
	for (const key of list)
		assert.match(key, /^[a-z0-9._-]{1,32}$/);
	assert.ok(list.length <= 32, `${list.length} keys`);
	assert.equal(new Set(list).size, list.length, 'no key twice');
	return list;
}

export const digestOf = (bytes) =>
	`sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

export function decoded(answer) {
	const decode = { gzip: gunzipSync, br: brotliDecompressSync }[answer.headers['content-encoding']];
	return decode ? decode(answer.body) : answer.body;
}

// application/problem+json as RFC 9457 has it.
export function problem(answer) {
	assert.equal(answer.headers['content-type'], 'application/problem+json');
	const body = JSON.parse(answer.text);
	assert.equal(body.status, answer.status);
	assert.equal(typeof body.title, 'string');
	assert.ok(body.type === undefined || body.type === 'about:blank' || URL.canParse?.(body.type) !== false);
	return body;
}
