// Many readers during many publishes: each answer is one published version, whole.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { before, test } from 'node:test';
import { Editions } from './lib/editions.mjs';
import { sha256 } from './lib/files.mjs';
import { digestOf } from './lib/headers.mjs';
import { sampleSite } from './lib/site.mjs';

const READERS = 40, PUBLISHES = 20;
const names = ['seattle-2015-12.html', 'seattle-2015-12.data.json', 'index.html', 'index.json', 'feed.atom', 'oakland.html'];
let site, editions;
// For each path: sha256 of the plain body to the versions that hold it, as their manifests say.
const published = new Map(names.map((name) => [name, new Map()]));

function remember() {
	for (const file of site.bundle('weather/en-us').manifest.files)
		for (const sha of [file.sha256, file.gzip?.sha256])
			if (published.has(file.path) && sha)
				published.get(file.path).set(sha, { version: site.version(), coded: sha !== file.sha256 });
}

before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	editions = new Editions(site);
	await site.must('publish');
	await site.serve();
	remember();
});

// One request on a kept-alive connection.
function ask(agent, path, headers) {
	return new Promise((resolve, reject) => {
		const rq = request({ host: '127.0.0.1', port: site.port, path, headers, agent }, (rs) => {
			const chunks = [];
			rs.on('data', (chunk) => chunks.push(chunk));
			rs.on('error', reject);
			rs.on('end', () => resolve({ status: rs.statusCode, headers: rs.headers, body: Buffer.concat(chunks) }));
		});
		rq.setTimeout(10000, () => rq.destroy(new Error('no answer')));
		rq.on('error', reject);
		rq.end();
	});
}

async function reader(number, state) {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	for (let i = number; !state.stop; i++) {
		const name = names[i % names.length];
		const began = state.done; // the newest publish that had returned before this request
		const headers = { 'accept-encoding': i % 3 ? 'gzip' : 'identity' };
		const answer = await ask(agent, `/weather/en-us/${name}`, headers).catch((error) => error);
		if (answer instanceof Error) {
			// A server may close an idle connection just when it is used again; a reader then
			// asks anew, as browsers do. Anything else is a lost request.
			if (answer.code === 'ECONNRESET' && state.reset++ < 3)
				continue;
			state.failures.push(`${name}: ${answer.message}`);
			continue;
		}
		state.seen.push({ name, began, ...answer });
	}
	agent.destroy();
}

test(`${READERS} readers during ${PUBLISHES} publishes: nothing fails, nothing is mixed, nothing is old`, { timeout: 300000 }, async () => {
	const state = { stop: false, done: site.version(), reset: 0, failures: [], seen: [] };
	const readers = Array.from({ length: READERS }, (_, i) => reader(i, state));
	for (let i = 0; i < PUBLISHES; i++) {
		editions.next();
		await site.must('publish');
		remember();
		state.done = site.version();
	}
	state.stop = true;
	await Promise.all(readers);
	assert.deepEqual(state.failures, []);
	assert.ok(state.seen.length > 500, `${state.seen.length} answers`);
	const versions = new Map();
	for (const { name, began, status, headers, body } of state.seen) {
		assert.equal(status, 200, name);
		const sha = sha256(body);
		const known = published.get(name).get(sha);
		assert.ok(known, `a body of ${name} that no manifest lists`);
		assert.equal(headers['repr-digest'], digestOf(body), `${name}: header and body of one version`);
		assert.equal(headers['content-encoding'] === 'gzip', known.coded, name);
		assert.equal(Number(headers['content-length']), body.length);
		const etag = versions.get(sha) ?? headers.etag;
		assert.equal(headers.etag, etag, `${name}: one entity tag for the same bytes`);
		versions.set(sha, etag);
		if (name === 'oakland.html') // changes with each version
			assert.ok(known.version >= began, `version ${known.version} after ${began} was published`);
	}
	assert.equal(new Set(versions.values()).size, versions.size, 'different bytes, different tags');
});

test('a connection reads versions in their order', async () => {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const read = async () => Editions.of((await ask(agent, '/weather/en-us/oakland.html', {})).body.toString());
	const order = [await read()];
	for (let i = 0; i < 3; i++) {
		editions.next();
		const publishing = site.must('publish');
		let over = false;
		publishing.then(() => { over = true; }, () => { over = true; });
		while (!over)
			order.push(await read());
		await publishing;
		assert.equal(await read(), editions.n);
	}
	agent.destroy();
	assert.deepEqual(order, [...order].sort((a, b) => a - b));
});

test('the bundle flips at once: when one page is new, all are', async () => {
	const text = editions.next();
	const publishing = site.must('publish');
	const deadline = Date.now() + 20000;
	while (!(await site.get('/weather/en-us/oakland.html')).text.includes(text))
		assert.ok(Date.now() < deadline, 'the new version appears');
	for (const name of ['index.html', 'index.json', 'feed.atom', 'feed.json', 'oakland.data.json', 'oakland.card.json'])
		assert.ok((await site.get(`/weather/en-us/${name}`)).text.includes(text), name);
	await publishing;
});

test('SIGTERM lets requests in progress finish', async () => {
	const agent = new Agent({ keepAlive: true, maxSockets: 20 });
	const many = Array.from({ length: 200 }, () => ask(agent, '/weather/en-us/feed.atom', {}).catch((error) => error));
	await many[0];
	const { code } = await site.stop();
	const answers = await Promise.all(many);
	agent.destroy();
	assert.equal(code, 0);
	for (const answer of answers)
		if (!(answer instanceof Error))
			assert.equal(Number(answer.headers['content-length']), answer.body.length);
		else
			assert.ok(['ECONNREFUSED', 'ECONNRESET'].includes(answer.code), answer.message);
});
