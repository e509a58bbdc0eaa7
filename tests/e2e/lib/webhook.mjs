// Standard Webhooks 1.0.0, from the specification: what a sender does.
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const secretOf = (file) => readFileSync(file, 'utf8').trim().split('\n')[0];

export function sign(secret, id, timestamp, body) {
	const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
	return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

export const newId = () => `msg_${randomBytes(12).toString('hex')}`;
export const now = () => Math.floor(Date.now() / 1000);

export function message(data = {}, more = {}) {
	return JSON.stringify({ type: 'edgepress.invalidate', timestamp: new Date().toISOString().replace(/\.\d+/, ''), data, ...more });
}

// What site.get takes; every part can be replaced by another one.
export function call(secret, body, { id = newId(), timestamp = now(), signature, headers = {} } = {}) {
	return { method: 'POST', body, headers: {
		'content-type': 'application/json',
		'content-length': String(Buffer.byteLength(body)),
		'webhook-id': id,
		'webhook-timestamp': String(timestamp),
		'webhook-signature': signature ?? sign(secret, id, timestamp, body),
		...headers,
	} };
}
