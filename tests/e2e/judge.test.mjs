// A second model's opinion, from an endpoint of the test's own.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { appendFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sampleSite, weather } from './lib/site.mjs';

const asked = [];
let server, site, score = 91, status = 200;
before(async () => {
	server = createServer((rq, rs) => {
		let body = '';
		rq.on('data', (chunk) => { body += chunk; });
		rq.on('end', () => {
			asked.push({ url: rq.url, key: rq.headers.authorization, body: JSON.parse(body) });
			rs.writeHead(status, { 'content-type': 'application/json' });
			rs.end(JSON.stringify({ choices: [{ message: { role: 'assistant',
				content: JSON.stringify({ score, reason: 'No fact tells of a storm.' }) } }] }));
		});
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	site = await sampleSite({ documents: weather });
	appendFileSync(site.path('schemas/weather.ini'), `\n[policy]\nversion = 2026-11\n[gates en]\njudge = reject\n[judge en]\n`
		+ `endpoint = http://127.0.0.1:${server.address().port}/v1/chat/completions\nmodel = judge-1\nkey_env = JUDGE_KEY\n`);
});
after(() => server.close());

const env = { JUDGE_KEY: 'sesame' };
const check = (...args) => site.run('check', 'documents/weather', ...args, { env });

test('a document that the judge marks down is refused, with its reason; documents of other locales are not shown to it', async () => {
	score = 12;
	const { code, stdout } = await check('--json');
	assert.equal(code, 3);
	const refused = JSON.parse(stdout).documents.filter((one) => !one.accepted);
	assert.ok(refused.length > 0);
	for (const { document, findings } of refused) {
		assert.match(document, /^weather\/en-/);
		const [finding] = findings.filter((one) => one.severity === 'reject');
		assert.equal(finding.gate, 'judge');
		assert.match(finding.text, /^judge-1 gives it 12 of 100, the policy asks for 70: No fact tells of a storm\.$/);
	}
	assert.equal(asked.length, refused.length);
	for (const { url, key, body } of asked) {
		assert.equal(url, '/v1/chat/completions');
		assert.equal(key, 'Bearer sesame');
		assert.equal(body.model, 'judge-1');
		assert.equal(body.temperature, 0);
		assert.deepEqual(Object.keys(JSON.parse(body.messages[1].content)).sort(), ['facts', 'prose', 'summary', 'title']);
	}
});

test('an opinion is asked for again after a refusal, and kept after a pass', async () => {
	score = 91;
	asked.length = 0;
	assert.equal((await check()).code, 0);
	const first = asked.length;
	assert.ok(first > 0);
	assert.equal((await check()).code, 0);
	assert.equal(asked.length, first);
});

test('the score travels, signed, with the judge and the hash of its prompt', async () => {
	await site.must('publish', 'local', 'documents/weather', { env });
	const { manifest } = site.bundle('weather/en-us');
	assert.equal(manifest.inputs['policy-version'], '2026-11');
	assert.match(manifest.inputs.gates, /(^| )judge=reject( |$)/);
	for (const { provenance } of manifest.documents) {
		assert.equal(provenance.gates.scores.judge.score, 91);
		assert.match(provenance.gates.scores.judge.by, /^judge-1, prompt [0-9a-f]{16}$/);
	}
	const { stdout } = await site.must('explain', `weather/en-us/${manifest.documents[0].id}`, 'local');
	assert.match(stdout, /judge: 91 of 100, by judge-1, prompt [0-9a-f]{16}/);
});

test('without an answer, or without its key, nothing passes', async () => {
	status = 503;
	const { code, stderr } = await check('--no-cache');
	assert.equal(code, 3);
	assert.match(stderr, /judge: no opinion from judge-1: the answer is 503/);
	const keyless = await site.run('check', 'documents/weather', '--no-cache', { env: { JUDGE_KEY: undefined } });
	assert.equal(keyless.code, 3);
	assert.match(keyless.stderr, /the environment has no JUDGE_KEY/);
});
