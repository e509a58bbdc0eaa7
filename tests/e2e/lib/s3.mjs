// A client of S3 that signs by itself, and a small server that checks every signature it is sent
// and fails as told.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { after } from 'node:test';
import { get } from './http.mjs';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// The signature of a request whose path and query are as on the wire, the query sorted.
function signature({ method, path, query, headers, names, payload, scope, secret }) {
	const canonical = [method, path, query, ...names.map((name) => `${name}:${headers[name].trim().replace(/ +/g, ' ')}`),
		'', names.join(';'), payload].join('\n');
	const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
	const key = scope.split('/').reduce((k, part) => hmac(k, part), `AWS4${secret}`);
	return hmac(key, text).toString('hex');
}

// A signed request: { status, headers, text }.
export async function s3(url, { id, secret, token }, { method = 'GET', query = {}, headers = {}, body = '', service = 's3' } = {}) {
	const { host, pathname } = new URL(url);
	const sorted = Object.keys(query).sort().map((name) => `${encode(name)}=${encode(query[name])}`).join('&');
	const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
	const scope = `${date.slice(0, 8)}/us-east-1/${service}/aws4_request`;
	const all = { ...headers, host, 'x-amz-date': date, 'x-amz-content-sha256': sha256(body), ...(token && { 'x-amz-security-token': token }) };
	const names = Object.keys(all).sort();
	const sign = signature({ method, path: pathname, query: sorted, headers: all, names, payload: sha256(body), scope, secret });
	all.authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${sign}`;
	return get(url + (sorted && `?${sorted}`), { method, headers: { ...all, 'content-length': Buffer.byteLength(body) }, body });
}

export async function makeBucket(server, key, name) {
	const made = await s3(`${server}/${name}`, key, { method: 'PUT' });
	assert.equal(made.status, 200, made.text);
}

const fakes = new Set();
after(() => fakes.forEach((fake) => fake.close()));

const error = (status, code, more = '') => ({ status, body: `<?xml version="1.0"?><Error><Code>${code}</Code>${more}</Error>` });

// One bucket, "bucket", in memory. `keys` are those that are taken: id -> { secret, token }.
// `fault(rq)` may return an answer ({ status, headers, body }), 'reset' or 'cut' (half of the
// body), `after(rq, answer)` change one; rq is { method, key, headers, query, body, n }, where n
// counts requests of that method and key. `requests` collects all.
export class FakeS3 {
	constructor() {
		this.keys = { FAKEID: { secret: 'fake-secret' } };
		this.objects = new Map();
		this.requests = [];
		this.connections = 0;
		this.conditions = true;
		this.fault = () => null;
		this.after = (_, answer) => answer;
	}

	static async start() {
		const fake = new FakeS3();
		fake.server = createServer((rq, rs) => {
			const chunks = [];
			rq.on('data', (chunk) => chunks.push(chunk));
			rq.on('end', () => fake.take(rq, Buffer.concat(chunks), rs));
		});
		fake.server.on('connection', () => { fake.connections++; });
		fake.server.keepAliveTimeout = 60000;
		fakes.add(fake);
		await new Promise((ready) => fake.server.listen(0, '127.0.0.1', ready));
		fake.url = `http://127.0.0.1:${fake.server.address().port}`;
		return fake;
	}

	get env() {
		const [id] = Object.keys(this.keys);
		return { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: this.keys[id].secret, AWS_EC2_METADATA_DISABLED: 'true' };
	}

	close() {
		this.server.closeAllConnections();
		this.server.close();
	}

	// What is wrong with the signature, or null.
	refusal(rq, body, path, query) {
		const [, id, scope, signed, sign] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(rq.headers.authorization ?? '') ?? [];
		const key = this.keys[id];
		const names = signed?.split(';') ?? [];
		if (!key)
			return error(403, 'InvalidAccessKeyId');
		if (key.expired)
			return error(400, 'ExpiredToken');
		for (const name of Object.keys(rq.headers))
			if ((name === 'host' || name.startsWith('x-amz-')) && !names.includes(name))
				return error(403, 'AccessDenied');
		if (key.token !== rq.headers['x-amz-security-token'])
			return error(400, 'InvalidToken');
		const payload = rq.headers['x-amz-content-sha256'];
		if (payload !== sha256(body))
			return error(400, 'XAmzContentSHA256Mismatch');
		const good = signature({ method: rq.method, path, query, headers: rq.headers, names, payload, scope, secret: key.secret });
		return good === sign ? null : error(403, 'SignatureDoesNotMatch');
	}

	take(rq, body, rs) {
		const [path, query = ''] = rq.url.split('?');
		const key = decodeURIComponent(path.replace(/^\/bucket\/?/, ''));
		const seen = { method: rq.method, key, headers: rq.headers, query: new URLSearchParams(query), body, at: Date.now() };
		seen.n = this.requests.filter((one) => one.method === seen.method && one.key === key).length;
		this.requests.push(seen);
		const told = this.fault(seen);
		if (told === 'reset')
			return rs.socket.resetAndDestroy();
		let answer = told === 'cut' ? null : told;
		answer ??= this.refusal(rq, body, path, query) ?? this.after(seen, this.answer(seen));
		if (answer === 'reset')
			return rs.socket.resetAndDestroy();
		const bytes = Buffer.from(answer.body ?? '');
		const headers = { 'content-length': bytes.length, 'x-amz-request-id': 'fake', ...answer.headers };
		rs.writeHead(answer.status, answer.status === 304 ? { etag: headers.etag } : headers);
		if (told !== 'cut')
			return rs.end(answer.status === 304 ? undefined : bytes);
		return rs.write(bytes.subarray(0, bytes.length >> 1), () => rs.socket.resetAndDestroy());
	}

	answer(rq) {
		const there = this.objects.get(rq.key);
		const etag = there && `"${there.etag}"`;
		if (rq.method === 'PUT') {
			const { 'if-match': match, 'if-none-match': none } = rq.headers;
			if (this.conditions && ((none === '*' && there) || (match && match !== etag)))
				return error(412, 'PreconditionFailed');
			const made = createHash('md5').update(rq.body).digest('hex');
			this.objects.set(rq.key, { body: rq.body, etag: made, headers: rq.headers });
			return { status: 200, headers: { etag: `"${made}"` } };
		}
		if (rq.method === 'GET' && rq.key === '')
			return this.list(rq.query);
		if (rq.method === 'DELETE') {
			this.objects.delete(rq.key);
			return { status: 204 };
		}
		if (!there)
			return error(404, 'NoSuchKey');
		return rq.headers['if-none-match'] === etag ? { status: 304, headers: { etag } } : { status: 200, headers: { etag }, body: there.body };
	}

	list(query) {
		const all = [...this.objects.keys()].filter((key) => key.startsWith(query.get('prefix'))).sort();
		const token = query.get('continuation-token') ?? '';
		const from = all.filter((key) => key <= token).length, to = from + (this.page ?? 1000);
		const entries = all.slice(from, to).map((key) => `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${new Date().toISOString()}</LastModified><Size>${this.objects.get(key).body.length}</Size></Contents>`);
		return { status: 200, body: `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>${entries.join('')}` +
			`<IsTruncated>${to < all.length}</IsTruncated>${to < all.length ? `<NextContinuationToken>${all[to - 1]}</NextContinuationToken>` : ''}</ListBucketResult>` };
	}
}

// What ECS and EKS have beside a container: hands out `keys.shift()` (the last one forever) as
// { id, secret, token, life_s }.
export async function keyService(keys) {
	const asked = [];
	const server = createServer((rq, rs) => {
		asked.push({ url: rq.url, authorization: rq.headers.authorization, at: Date.now() });
		const { id, secret, token, life_s } = keys.length > 1 ? keys.shift() : keys[0];
		rs.end(JSON.stringify({ AccessKeyId: id, SecretAccessKey: secret, Token: token,
			Expiration: new Date(Date.now() + life_s * 1000).toISOString().replace(/\.\d+/, '') }));
	});
	fakes.add({ close: () => server.close() });
	await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
	return { asked, url: `http://127.0.0.1:${server.address().port}/role` };
}
