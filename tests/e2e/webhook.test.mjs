// The webhook as any sender of Standard Webhooks would use it, and as nobody should.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { blocks, readPage, section } from './lib/docs.mjs';
import { problem } from './lib/headers.mjs';
import { freePort } from './lib/http.mjs';
import { run, until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { call, message, newId, now, secretOf, sign } from './lib/webhook.mjs';
import { talk } from './lib/wire.mjs';

const url = '/-/invalidate';
let site, secret, edge;

// An edge that remembers what it was told to forget: stands for Varnish where only the calls count.
async function recorder(port) {
	const purges = [];
	const server = createServer((rq, rs) => {
		rq.resume().on('end', () => {
			purges.push({ method: rq.method, url: rq.url, keys: (rq.headers['xkey-purge'] ?? '').split(' ').filter(Boolean), secret: rq.headers['x-purge-secret'] });
			rs.end('Purged');
		});
	});
	await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
	return { purges, keys: () => purges.flatMap((one) => one.keys), close: () => server.close() };
}

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us/oakland.xml', 'documents/weather/en-us/guam.xml'] });
	const port = await freePort();
	edge = await recorder(port);
	writeFileSync(site.path('purge.secret'), 'sesame-word\n', { mode: 0o600 });
	const ini = readFileSync(site.path('edgepress.ini'), 'utf8');
	writeFileSync(site.path('edgepress.ini'), `${ini.replace('[target local]', '[target local]\nedges = west')}
[edge west]
driver = varnish
url = http://127.0.0.1:${port}
settle = 0ms
secret = purge.secret
`);
	await site.must('publish');
	await site.serve();
	secret = secretOf(site.path('keys/webhook.secret'));
	edge.purges.length = 0;
});
after(() => edge?.close());

// Follow a message until it is done or has failed.
async function follow(id) {
	return until(`${id} to end`, async () => {
		const answer = await site.get(`${url}/${id}`);
		assert.equal(answer.status, 200);
		assert.equal(answer.headers['cache-control'], 'no-store');
		const progress = JSON.parse(answer.text);
		assert.equal(progress.id, id);
		assert.match(progress.state, /^(queued|working|done|failed)$/);
		return ['done', 'failed'].includes(progress.state) && progress;
	}, 15000);
}

async function taken(options) {
	const answer = await site.get(url, options);
	assert.equal(answer.status, 202, answer.text);
	const { id } = JSON.parse(answer.text);
	assert.equal(id, options.headers['webhook-id']);
	assert.equal(answer.headers.location, `${url}/${id}`);
	assert.equal(answer.headers['cache-control'], 'no-store');
	return follow(id);
}

test('a signed message is taken with 202, its progress can be read, and its keys are purged', async () => {
	const progress = await taken(call(secret, message({ version: 1, keys: ['weather.en-us.oakland', 'weather'] })));
	assert.equal(progress.state, 'done');
	assert.equal(progress.version, 1);
	assert.deepEqual([...new Set(edge.keys())].sort(), ['weather', 'weather.en-us.oakland']);
	assert.equal(edge.purges[0].method, 'PURGE');
	assert.equal(edge.purges[0].secret, 'sesame-word');
});

test('a message without keys only looks at the store', async () => {
	edge.purges.length = 0;
	assert.equal((await taken(call(secret, message()))).state, 'done');
	assert.deepEqual(edge.purges, []);
});

test('the published test vector of Standard Webhooks is what our own signer makes', () => {
	// From the specification: this proves the tests, not the program.
	assert.equal(sign('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}'),
		'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

const other = `whsec_${randomBytes(32).toString('base64')}`;
const wrong = {
	'a signature by another secret': () => call(other, message({ keys: ['weather'] })),
	'a signature of another body': () => call(secret, message({ keys: ['weather'] }), { signature: sign(secret, 'msg_a', now(), '{}'), id: 'msg_a' }),
	'a signature for another id': () => call(secret, message({ keys: ['weather'] }), { signature: sign(secret, newId(), now(), message()) }),
	'an empty signature': () => call(secret, message({ keys: ['weather'] }), { signature: 'v1,' }),
	'a signature without a version': () => ((c) => { c.headers['webhook-signature'] = c.headers['webhook-signature'].slice(3); return c; })(call(secret, message())),
	'a signature of an unknown version': () => ((c) => { c.headers['webhook-signature'] = c.headers['webhook-signature'].replace('v1,', 'v2,'); return c; })(call(secret, message())),
	'a cut signature': () => ((c) => { c.headers['webhook-signature'] = c.headers['webhook-signature'].slice(0, -5); return c; })(call(secret, message())),
	'a signature with more behind it': () => ((c) => { c.headers['webhook-signature'] += 'A'; return c; })(call(secret, message())),
	'a timestamp of ten minutes ago': () => call(secret, message({ keys: ['weather'] }), { timestamp: now() - 600 }),
	'a timestamp in ten minutes': () => call(secret, message({ keys: ['weather'] }), { timestamp: now() + 600 }),
};
for (const [name, make] of Object.entries(wrong))
	test(`${name} is answered with 400 or 401 and does nothing`, async () => {
		edge.purges.length = 0;
		const options = make();
		const answer = await site.get(url, options);
		const shape = /empty|without|unknown/.test(name); // may count as malformed
		assert.ok(answer.status === 401 || (shape && answer.status === 400), `${answer.status} ${answer.text}`);
		problem(answer);
		assert.equal((await site.get(`${url}/${options.headers['webhook-id']}`)).status, 404);
		assert.deepEqual(edge.purges, []);
	});

test('one good signature in a list is enough, whatever stands beside it', async () => {
	const body = message(), id = newId(), timestamp = now();
	const good = sign(secret, id, timestamp, body), bad = sign(other, id, timestamp, body);
	for (const [i, list] of [`${bad} ${good}`, `v1a,AAAA ${good}`, `v9,x ${bad} ${good}`].entries()) {
		const each = newId();
		const signature = list.replaceAll(good, sign(secret, each, timestamp + i, body)).replaceAll(bad, sign(other, each, timestamp + i, body));
		assert.equal((await taken(call(secret, body, { id: each, timestamp: timestamp + i, signature }))).state, 'done');
	}
});

test('missing or malformed headers are 400', async () => {
	for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
		const options = call(secret, message());
		delete options.headers[name];
		const answer = await site.get(url, options);
		assert.ok([400, 401].includes(answer.status), `${name}: ${answer.status}`);
		problem(answer);
	}
	for (const [id, timestamp] of [['a.b', now()], ['', now()], ['x'.repeat(65), now()], ['a b', now()], ['../x', now()],
		[newId(), 'soon'], [newId(), `${now()}.5`], [newId(), '-1'], [newId(), ''], [newId(), '99999999999999999999'], [newId(), `0x${now().toString(16)}`]]) {
		const answer = await site.get(url, call(secret, message(), { id, timestamp }));
		assert.ok([400, 401].includes(answer.status), `${id} ${timestamp}: ${answer.status}`);
	}
});

test('a signed body that is not such a message is 400 and says what is wrong', async () => {
	edge.purges.length = 0;
	for (const body of ['', 'nope', '[]', '{}', '{"type":1}', message({ keys: 'weather' }), message({ keys: [1] }), message({ version: '1' }), message({ version: -1 }), message({ version: 1.5 }),
		message({ keys: ['UPPER'] }), message({ keys: ['a b'] }), message({ keys: ['x'.repeat(33)] }), message({ keys: [''] }), message({ keys: ['a\r\nb'] }), message({ keys: Array(1001).fill('a') }), message([]), message('x'),
		'{"type":"edgepress.invalidate","data":{},"data":{}}', `${message()}x`, '\xff\xfe', message({}, { type: 'other.thing' }), '['.repeat(5000)]) {
		const answer = await site.get(url, call(secret, body));
		assert.equal(answer.status, 400, `${body.slice(0, 80)}: ${answer.status}`);
		assert.ok(problem(answer).detail?.length > 5, body.slice(0, 80));
	}
	assert.deepEqual(edge.purges, []);
});

test('a body over 64 KiB is 413, and 64 KiB are read', async () => {
	const pad = (n) => {
		const empty = message({}, { note: '' });
		return message({}, { note: 'x'.repeat(n - empty.length) });
	};
	assert.equal((await site.get(url, call(secret, pad(65537)))).status, 413);
	const exact = await site.get(url, call(secret, pad(65536)));
	assert.ok([202, 400].includes(exact.status), String(exact.status));
	const lie = await talk(site.port, `POST ${url} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n${'x'.repeat(1000)}`, 12000);
	assert.ok(!lie.open, 'a body that is announced too long is not waited for');
	assert.equal(lie.answers[0]?.status, 413);
});

test('a body without Content-Length is 411, Transfer-Encoding is refused', async () => {
	const { answers } = await talk(site.port, `POST ${url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
	assert.ok([400, 411].includes(answers[0]?.status), `${answers[0]?.status}`);
	const chunked = await talk(site.port, `POST ${url} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n`);
	assert.ok([400, 411].includes(chunked.answers[0]?.status), `${chunked.answers[0]?.status}`);
});

test('other methods are 405, other paths below it 404', async () => {
	for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
		const answer = await site.get(url, { method });
		assert.equal(answer.status, 405, method);
		assert.match(answer.headers.allow, /POST/);
	}
	for (const path of [`${url}/`, `${url}/${newId()}`, `${url}/..`, `${url}/a/b`, `${url}/%00`])
		assert.ok([400, 404].includes((await site.get(path)).status), path);
	assert.ok([404, 405].includes((await site.get(`${url}/x`, call(secret, message()))).status));
	for (const path of ['/', '/weather/en-us/index.html'])
		assert.equal((await site.get(path, call(secret, message()))).status, 405, path);
});

test('the same message again is 202 with the same id, and nothing is purged twice', async () => {
	edge.purges.length = 0;
	const options = call(secret, message({ keys: ['weather.en-us.guam'] }));
	await taken(options);
	assert.equal(edge.keys().length, 1);
	for (let i = 0; i < 3; i++)
		assert.equal((await taken(options)).state, 'done');
	assert.equal(edge.keys().length, 1);
});

test('a replay after a restart of the origin does nothing either', async () => {
	edge.purges.length = 0;
	const options = call(secret, message({ keys: ['weather.en-us.guam'] }));
	await taken(options);
	assert.equal(edge.keys().length, 1);
	await site.stop();
	await site.serve();
	const answer = await site.get(url, options);
	assert.equal(answer.status, 202);
	assert.equal(JSON.parse(answer.text).id, options.headers['webhook-id']);
	// A message behind it is done only after it: messages are carried out in order.
	assert.equal((await taken(call(secret, message({ keys: ['weather'] })))).state, 'done');
	assert.deepEqual(edge.keys(), ['weather.en-us.guam', 'weather']);
});

test('a replay after a kill and a restart does nothing either', async () => {
	edge.purges.length = 0;
	const options = call(secret, message({ keys: ['weather.en-us.guam'] }));
	await taken(options);
	site.origin.kill('SIGKILL');
	await site.origin.ended;
	await site.serve();
	assert.equal((await site.get(url, options)).status, 202);
	assert.equal((await taken(call(secret, message({ keys: ['weather'] })))).state, 'done');
	assert.deepEqual(edge.keys(), ['weather.en-us.guam', 'weather']);
});

test('a version that never comes fails within ten seconds or so, and says why', async () => {
	const progress = await taken(call(secret, message({ version: 999 })));
	assert.equal(progress.state, 'failed');
	assert.ok(progress.detail.length > 10);
});

test('an edge that does not answer makes the message fail and is named', async () => {
	edge.close();
	const progress = await taken(call(secret, message({ keys: ['weather'] })));
	assert.equal(progress.state, 'failed');
	assert.match(progress.detail, /west/);
	edge = await recorder(Number(/url = http:\/\/127\.0\.0\.1:(\d+)\nsettle/.exec(readFileSync(site.path('edgepress.ini'), 'utf8'))[1]));
});

test('a flood is limited with 429 and Retry-After; later messages are taken again', async () => {
	const answers = await Promise.all(Array.from({ length: 120 }, () => site.get(url, call(secret, message()))));
	const limited = answers.filter(({ status }) => status === 429);
	assert.ok(limited.length > 0, '120 at once are more than 50');
	assert.ok(answers.filter(({ status }) => status === 202).length >= 40);
	for (const answer of limited) {
		assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
		problem(answer);
	}
	assert.equal((await site.get('/weather/en-us/guam.html')).status, 200);
	await until('the limit to be over', async () => (await site.get(url, call(secret, message()))).status === 202);
});

test('unsigned floods do not use up the limit of those who can sign', async () => {
	await until('room', async () => (await site.get(url, call(secret, message()))).status === 202);
	await new Promise((wake) => setTimeout(wake, 1500));
	const floods = await Promise.all(Array.from({ length: 150 }, () => site.get(url, call(other, message()))));
	assert.ok(floods.every(({ status }) => [401, 429].includes(status)));
	assert.equal((await site.get(url, call(secret, message()))).status, 202);
});

test('SIGHUP takes up a new secret; the old one is valid while it stands there', async () => {
	const path = site.path('keys/webhook.secret');
	writeFileSync(path, `${other}\n${secret}\n`);
	site.origin.kill('SIGHUP');
	await until('the new secret', async () => (await site.get(url, call(other, message()))).status === 202);
	assert.equal((await site.get(url, call(secret, message()))).status, 202);
	writeFileSync(path, `${other}\n`);
	site.origin.kill('SIGHUP');
	await until('the end of the old secret', async () => (await site.get(url, call(secret, message()))).status === 401);
	assert.equal((await site.get(url, call(other, message()))).status, 202);
	writeFileSync(path, 'nonsense\n');
	site.origin.kill('SIGHUP');
	await until('a line in the log', () => /"level":"(error|warning)"[^\n]*secret/.test(site.origin.text('stderr')));
	assert.equal((await site.get(url, call(other, message()))).status, 202, 'a bad file leaves the old secrets in use');
	writeFileSync(path, `${secret}\n`);
	site.origin.kill('SIGHUP');
	await until('the first secret again', async () => (await site.get(url, call(secret, message()))).status === 202);
	assert.ok(!site.origin.text('stderr').includes(secret.slice(6, 30)), 'no secret in the log');
});

test('edgepress invalidate says 0 when done and purges just the keys that it was told', async () => {
	edge.purges.length = 0;
	const done = await site.json('invalidate', 'local', 'weather.en-us.oakland', 'weather.en-us.guam');
	assert.deepEqual(done.map((one) => one.done), [true]);
	assert.deepEqual(edge.keys().sort(), ['weather.en-us.guam', 'weather.en-us.oakland']);
	edge.purges.length = 0;
	await site.must('invalidate', 'local');
	assert.deepEqual(edge.purges, []);
	const nobody = await site.run('invalidate', 'nowhere');
	assert.ok([1, 2].includes(nobody.code), `${nobody.code}`);
	assert.deepEqual(edge.purges, []);
});

test('edgepress invalidate with a key that cannot be one says 2 and what is wrong with it', async () => {
	for (const key of ['NOT A KEY', 'x'.repeat(33), 'weather,finance', '']) {
		const { code, stdout, stderr } = await site.run('invalidate', 'local', key);
		assert.equal(code, 2, `"${key}": ${stdout}${stderr}`);
		assert.ok((stdout + stderr).includes(key));
	}
});

test('edgepress invalidate with the wrong secret, or with the origin down, says 6 and names the origin', async () => {
	writeFileSync(site.path('other.secret'), `${other}\n`, { mode: 0o600 });
	const refused = await site.run('invalidate', 'local', 'weather', '--secret', 'other.secret');
	assert.equal(refused.code, 6, refused.stderr);
	assert.match(refused.stdout + refused.stderr, /401/);
	await site.stop();
	const down = await site.run('invalidate', 'local', 'weather');
	assert.equal(down.code, 6, down.stderr);
	assert.ok((down.stdout + down.stderr).includes(`127.0.0.1:${site.port}`), down.stderr);
	await site.serve();
});

test('the commands of the page that sign by hand work as they stand', async () => {
	const [shown] = blocks(section(readPage('docs/webhook.md'), 'Message')).filter((block) => block.language === 'sh');
	assert.ok(shown, 'docs/webhook.md shows how to sign by hand');
	const text = shown.text.replaceAll('127.0.0.1:8080', `127.0.0.1:${site.port}`).replaceAll('webhook.secret', site.path('keys/webhook.secret'));
	const { stdout, stderr } = await run(['bash', '-c', `set -e\n${text}`]);
	assert.match(stdout, /^HTTP\/1\.1 202 /, stderr);
});

test('an origin without a secret takes no message', async () => {
	const deaf = await sampleSite({ documents: ['documents/weather/en-us/oakland.xml'] });
	const path = deaf.path('edgepress.ini');
	writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/^webhook_secret = .*\n/gm, ''));
	await deaf.must('publish');
	await deaf.serve();
	const answer = await deaf.get(url, call(secret, message()));
	assert.equal(answer.status, 501);
	await deaf.stop();
});

test('webhook ids that were damaged on disk do not keep the origin from starting', async () => {
	await site.stop();
	appendFileSync(site.path('state/local/webhook-ids'), 'x'.repeat(5000) + '\0\n\n9999999999999999999999 y\n');
	await site.serve();
	assert.equal((await taken(call(secret, message()))).state, 'done');
	await site.stop();
});
