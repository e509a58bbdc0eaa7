// Readers behind Varnish, as deploy/edge ships it, while things go wrong on the way to the origin.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort, get, status } from './lib/http.mjs';
import { start, tempFolder, top, until } from './lib/run.mjs';
import { sampleSite, weather } from './lib/site.mjs';

const page = '/weather/en-us/oakland.html';

// Varnish with the shipped files; only where the origin is differs.
async function varnish(originPort, change = (vcl) => vcl) {
	const dir = tempFolder(), port = await freePort();
	const shipped = join(top, 'deploy', 'edge');
	mkdirSync(join(dir, 'vcl'));
	writeFileSync(join(dir, 'vcl', 'origin.vcl'), change(readFileSync(join(shipped, 'origin.vcl'), 'utf8')
		.replace('"8080"', `"${originPort}"`)));
	const program = start(['varnishd', '-F', '-j', 'none', '-n', join(dir, 'work'), '-a', `127.0.0.1:${port}`, '-T', 'none', '-s', 'malloc,20M',
		'-p', `vcl_path=${join(dir, 'vcl')}:${shipped}`, '-f', join(shipped, 'varnish.vcl')]);
	const url = `http://127.0.0.1:${port}`;
	await until('varnish to answer', async () => await status(`${url}/-/healthz`) === 404, 20000)
		.catch((error) => { throw new Error(`${error.message}\n${program.text('stderr')}`); });
	return { url, port, get: (path, options) => get(url + path, options), stop: () => program.kill() };
}

const wires = new Set();
after(() => wires.forEach((w) => w.close()));

// Stands between an edge and an origin; `hold` may keep an answer's head or body back.
async function wire(originPort) {
	const w = { port: await freePort(), head: async () => {}, body: async () => {}, asked: 0 };
	const server = createServer((rq, rs) => {
		const up = request({ host: '127.0.0.1', port: originPort, path: rq.url, method: rq.method,
			headers: rq.headers, agent: false }, async (answer) => {
			const chunks = [];
			answer.on('error', () => rs.destroy());
			for await (const chunk of answer)
				chunks.push(chunk);
			if (!rq.url.startsWith('/-/')) {
				w.asked++;
				await w.head(rq.url);
			}
			rs.writeHead(answer.statusCode, answer.headers);
			rs.flushHeaders();
			if (!rq.url.startsWith('/-/'))
				await w.body(rq.url);
			rs.end(Buffer.concat(chunks));
		});
		up.on('error', () => rs.destroy());
		up.end();
	});
	await new Promise((ready) => server.listen(w.port, '127.0.0.1', ready));
	w.close = () => {
		server.close();
		server.closeAllConnections();
	};
	wires.add(w);
	return w;
}

function gate() {
	let open;
	const passed = new Promise((resolve) => { open = resolve; });
	return { passed, open };
}

function addEdge(site, url, settings = '') {
	const ini = site.path('edgepress.ini');
	const n = (readFileSync(ini, 'utf8').match(/^\[edge /mg) ?? []).length;
	const text = readFileSync(ini, 'utf8').replace(/^(edges = .*)$/m, `$1 e${n}`);
	writeFileSync(ini, (/^edges = /m.test(text) ? text : text.replace(/^origins = .*$/m, `$&\nedges = e${n}`))
		+ `\n[edge e${n}]\ndriver = varnish\nurl = ${url}\n${settings}\n`);
}

const words = ['outlook', 'preview', 'review', 'summary', 'report', 'notes', 'bulletin', 'overview'];
let turn = 0;
async function publishChange(site) {
	const path = site.path('documents/weather/en-us/oakland.xml');
	const word = words[turn++ % words.length];
	const before = readFileSync(path, 'utf8');
	writeFileSync(path, before.replace(/<title>Oakland (?:[a-z]+: )?/, `<title>Oakland ${word}: `));
	assert.notEqual(readFileSync(path, 'utf8'), before);
	const result = await site.run('publish');
	assert.match(result.stdout, /1 changed|changed/, result.stdout + result.stderr);
	return { word: `Oakland ${word}: `, result };
}

for (const part of ['head', 'body'])
	test(`a fetch whose ${part} is slower than settle does not put the old version back`, async () => {
		const site = await sampleSite({ documents: weather });
		await site.must('publish');
		await site.serve();
		const between = await wire(site.port);
		const edge = await varnish(between.port);
		addEdge(site, edge.url, 'settle = 200ms');
		const g = gate();
		let held = false;
		between[part] = async (path) => {
			if (path !== page || held)
				return;
			held = true;
			await g.passed;
		};
		const reader = edge.get(page);
		await until('the fetch to be under way', () => held);
		const { word, result } = await publishChange(site);
		assert.equal(result.code, 0, result.stderr);
		g.open();
		await reader;
		await new Promise((wake) => setTimeout(wake, 50));
		for (let i = 0; i < 3; i++)
			assert.ok((await edge.get(page)).text.includes(word), `the edge serves the old version after publish returned`);
		edge.stop();
		between.close();
		await site.stop();
	});

test('publish returns = the edge is fresh, also while readers load it and the wire is slow', async () => {
	const site = await sampleSite({ documents: weather });
	await site.must('publish');
	await site.serve();
	const between = await wire(site.port);
	const edge = await varnish(between.port);
	addEdge(site, edge.url, 'settle = 100ms');
	between.head = () => new Promise((wake) => setTimeout(wake, Math.random() * 600)); // longer than settle
	let over = false;
	const readers = Array.from({ length: 8 }, async (_, i) => {
		while (!over)
			await edge.get(i % 2 ? page : '/weather/en-us/index.html', { headers: i % 4 < 2 ? { 'accept-encoding': 'gzip' } : {} });
	});
	try {
		for (let i = 0; i < 4; i++) {
			const { word, result } = await publishChange(site);
			assert.equal(result.code, 0, result.stderr);
			for (let look = 0; look < 10; look++)
				for (const path of [page, '/weather/en-us/index.html'])
					assert.ok((await edge.get(path)).text.includes(word), `${path}: an old version, ${look} looks after publish ${i}`);
		}
	} finally {
		over = true;
		await Promise.all(readers);
	}
	edge.stop();
	between.close();
	await site.stop();
});
