// What a store does wrong on its worst day, and what a publish makes of it. The server checks
// each signature and fails as told.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, beforeEach, test } from 'node:test';
import { edit } from './lib/files.mjs';
import { build, run } from './lib/run.mjs';
import { FakeS3, keyService } from './lib/s3.mjs';
import { sampleSite } from './lib/site.mjs';

const pointer = 'prod/metadata/timestamp.json';
const isBlob = (rq) => rq.key.startsWith('prod/blobs/');
let fake, site, founded;

before(async () => {
	fake = await FakeS3.start();
	site = await sampleSite({ documents: ['documents/weather/en-us/oakland.xml'], keys: false });
	edit(site.path('edgepress.ini'), ['store = file:public', `store = s3:${fake.url}/bucket/prod`],
		[`origins = ${site.url}\n`, '']);
	await site.must('keys', 'init', 'local', { env: fake.env });
	founded = new Map(fake.objects);
});

beforeEach(() => {
	fake.objects = new Map(founded);
	fake.requests = [];
	fake.connections = 0;
	fake.conditions = true;
	fake.page = undefined;
	fake.keys = { FAKEID: { secret: 'fake-secret' } };
	fake.fault = () => null;
	fake.after = (_, answer) => answer;
});

const publish = (env = fake.env) => site.run('publish', { env });
const live = () => JSON.parse(fake.objects.get(pointer).body).signed.meta['snapshot.json'].version;
const of = (key, method = 'PUT') => fake.requests.filter((rq) => rq.key === key && rq.method === method);

async function succeeds() {
	const result = await publish();
	assert.equal(result.code, 0, result.stderr + result.stdout);
	assert.equal(live(), 1);
	return result;
}

async function failsBefore(pattern, env) {
	const result = await publish(env);
	assert.equal(result.code, 1, result.stderr + result.stdout);
	assert.match(result.stderr, pattern);
	assert.ok(!fake.objects.has(pointer), 'nothing is live');
	return result;
}

test('the contract of stores is kept also when a listing comes in pages of two', async () => {
	fake.page = 2;
	const result = await run([join(build, 'e2e', 'store_contract')],
		{ env: { ...fake.env, STORE: `s3:${fake.url}/bucket` } });
	assert.equal(result.code, 0, result.stdout + result.stderr);
	assert.ok(fake.requests.some((rq) => rq.query.has('continuation-token')));
});

test('uploads go side by side over connections that are used again', async () => {
	await succeeds();
	const blobs = fake.requests.filter((rq) => isBlob(rq) && rq.method === 'PUT');
	assert.ok(blobs.length > 20, `${blobs.length} blobs`);
	assert.ok(fake.connections >= 2 && fake.connections <= 40, `${fake.connections} connections`);
	assert.ok(fake.requests.length > 2 * fake.connections);
});

test('a store that asks for patience is given it', async () => {
	let first;
	fake.fault = (rq) => {
		if (!isBlob(rq) || rq.method !== 'PUT' || (first && first !== rq.key) || rq.n > 0)
			return null;
		first = rq.key;
		return { status: 503, headers: { 'retry-after': '1' }, body: '<Error><Code>SlowDown</Code></Error>' };
	};
	await succeeds();
	const [refused, taken] = of(first);
	assert.ok(taken.at - refused.at >= 990, `${taken.at - refused.at} ms`);
});

test('lost connections, answers cut short and spoiled uploads are made good', async () => {
	const faults = ['reset', { status: 500 }, { status: 400, body: '<Error><Code>BadDigest</Code></Error>' },
		{ status: 409, body: '<Error><Code>ConditionalRequestConflict</Code></Error>' },
		{ status: 400, body: '<Error><Code>RequestTimeout</Code></Error>' }];
	const hit = new Set();
	fake.fault = (rq) => {
		if (rq.method === 'GET' && rq.key.endsWith('1.root.json') && rq.n === 0)
			return hit.add('cut') && 'cut';
		if (!isBlob(rq) || rq.method !== 'PUT' || rq.n > 0)
			return null;
		const next = faults.shift();
		return next ? hit.add(next) && next : null;
	};
	await succeeds();
	assert.ok(hit.size >= 5, `${hit.size} faults`);
});

for (const [name, fault] of [['a 500', { status: 500 }], ['no answer at all', 'reset']])
	test(`a commit that was done and answered by ${name} counts as done, once`, async () => {
		fake.after = (rq, answer) => (rq.key === pointer && rq.method === 'PUT' && rq.n === 0 ? fault : answer);
		await succeeds();
		assert.ok(of(pointer).length >= 2);
	});

test('a commit that another publisher won meanwhile is not taken for ours', async () => {
	await succeeds();
	const theirs = fake.objects.get(pointer);
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland forecast', '<title>Oakland outlook']);
	fake.requests = [];
	let body;
	fake.after = (rq, answer) => {
		if (rq.key !== pointer || rq.method !== 'PUT' || rq.n > 0)
			return answer;
		body = rq.body; // done, answered by 500, and then somebody else put the old one back
		fake.objects.set(pointer, theirs);
		return { status: 500 };
	};
	const result = await publish();
	assert.equal(result.code, 0, result.stderr);
	assert.ok(body.length > 0 && of(pointer).length >= 2);
	assert.equal(live(), 2);
	edit(site.path('documents/weather/en-us/oakland.xml'), ['<title>Oakland outlook', '<title>Oakland forecast']);
});

test('a store that ignores conditions is refused before anything is written to it', async () => {
	fake.conditions = false;
	await failsBefore(/ignores If-None-Match: publishers would overwrite each other/);
	const written = fake.requests.filter((rq) => rq.method === 'PUT').map((rq) => rq.key);
	assert.deepEqual([...new Set(written)], ['prod/.edgepress-probe']);
});

test('so is one that knows no conditions', async () => {
	fake.fault = (rq) => (rq.method === 'PUT' && (rq.headers['if-none-match'] || rq.headers['if-match'])
		? { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' } : null);
	await failsBefore(/knows no conditional writes/);
	// Once by each thread that was about to upload: a plain no is not asked for again.
	assert.ok(fake.requests.filter((rq) => rq.method === 'PUT').length <= 32);
});

test('what the store refuses is said with what to do about it', async () => {
	const cases = [
		[{ status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }, /the secret key does not belong to the key id/],
		[{ status: 403, headers: { date: new Date(Date.now() - 3600e3).toUTCString() }, body: '<Error><Code>RequestTimeTooSkewed</Code></Error>' }, /clock, which is 3(600|599|601) s ahead of the store's/],
		[{ status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' }, body: '<Error><Code>PermanentRedirect</Code></Error>' }, /is in region eu-west-1: set AWS_REGION=eu-west-1/],
		[{ status: 400, body: '<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-north-1</Region></Error>' }, /set AWS_REGION=eu-north-1/],
		[{ status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }, /there is no bucket bucket/],
		[{ status: 404, body: '<html>not here</html>' }, /answered 404, but not as S3 does/],
		[{ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }, /grant s3:GetObject/],
		[{ status: 400, body: '<!DOCTYPE x [<!ENTITY a "b">]><Error><Code>&a;</Code></Error>' }, /answered 400/],
	];
	for (const [answer, says] of cases) {
		fake.fault = () => answer;
		await failsBefore(says);
	}
});

test('credentials that expire in mid-run are renewed, once for all threads, and told to nobody', async () => {
	const [a, b] = [{ id: 'FIRSTID', secret: 'first-secret', token: 'first-token' }, { id: 'SECONDID', secret: 'second-secret', token: 'second-token' }];
	const service = await keyService([{ ...a, life_s: 3600 }, { ...b, life_s: 3600 }]);
	fake.keys = { FIRSTID: { secret: a.secret, token: a.token } };
	fake.fault = (rq) => {
		if (isBlob(rq) && fake.requests.filter(isBlob).length > 5)
			fake.keys = { FIRSTID: { expired: true }, SECONDID: { secret: b.secret, token: b.token } };
		return null;
	};
	const result = await publish({ AWS_CONTAINER_CREDENTIALS_FULL_URI: service.url, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'container-token' });
	assert.equal(result.code, 0, result.stderr);
	assert.equal(live(), 1);
	assert.equal(service.asked.length, 2);
	assert.ok(fake.requests.some((rq) => rq.headers.authorization.includes('FIRSTID') && isBlob(rq)));
	assert.ok(!/(first|second)-(secret|token)|container-token/.test(result.stdout + result.stderr));
});

test('credentials that cannot be renewed end the run and say so', async () => {
	fake.keys.FAKEID.expired = true;
	const result = await failsBefore(/ExpiredToken: the credentials have expired/);
	assert.ok(!result.stderr.includes('fake-secret'));
});

test('a target has credentials of its own in a file, which nobody else may read', async () => {
	const file = site.path('secrets/s3.env');
	mkdirSync(site.path('secrets'));
	writeFileSync(file, '# of the bucket\nAWS_ACCESS_KEY_ID=FAKEID\nAWS_SECRET_ACCESS_KEY=fake-secret\n', { mode: 0o600 });
	edit(site.path('edgepress.ini'), ['/bucket/prod\n', '/bucket/prod\nstore_credentials = secrets/s3.env\n']);
	const result = await publish({ AWS_ACCESS_KEY_ID: 'ANOTHER', AWS_SECRET_ACCESS_KEY: 'another' });
	assert.equal(result.code, 0, result.stderr);
	assert.equal(live(), 1);
	fake.objects = new Map(founded);
	chmodSync(file, 0o644);
	await failsBefore(/secrets\/s3.env.*chmod 600/, {});
});
