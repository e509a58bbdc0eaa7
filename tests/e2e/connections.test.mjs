// Clients that break the rules or waste time, while a good one is served.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { until } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { connect, talk } from './lib/wire.mjs';

const page = '/weather/en-us/index.html';
const get = (fields = '', path = page) => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
let site, plain, good;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	await site.must('publish');
	await site.serve();
	plain = await site.get(page);
	good = goodClient();
});

// Reads the page again and again, on new connections, and remembers each failure.
function goodClient() {
	const seen = { answers: 0, slowest_ms: 0, failures: [] };
	let stop = false;
	const running = (async () => {
		while (!stop) {
			const start = Date.now();
			const answer = await site.get(page, { timeout_ms: 5000 }).catch((error) => ({ status: error.message }));
			if (stop)
				break;
			seen.answers++;
			seen.slowest_ms = Math.max(seen.slowest_ms, Date.now() - start);
			if (answer.status !== 200 || !answer.body.equals(plain.body))
				seen.failures.push(answer.status);
			await new Promise((wake) => setTimeout(wake, 50));
		}
	})();
	return { seen, stop: () => { stop = true; return running; } };
}
after(() => good?.stop());

// The origin is the program that the harness started, or what that became or started.
function originPid() {
	const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
	const group = all.map(Number).filter((pid) => {
		try {
			const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
			return Number(fields[2]) === site.origin.pid && /edgepress-origin/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
		} catch {
			return false;
		}
	});
	assert.ok(group.length > 0, 'edgepress-origin runs');
	return group[0];
}

function memory_kb() {
	return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${originPid()}/status`, 'utf8'))[1]);
}

// Each must be answered with 4xx or by closing, and the connection must not be used for more:
// what a hidden second request could be is never answered.
const smuggled = 'GET /weather/en-us/feed.json HTTP/1.1\r\nHost: a\r\n\r\n';
const refused = {
	'Transfer-Encoding and Content-Length': get('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n') + `0\r\n\r\n${smuggled}`,
	'Content-Length and Transfer-Encoding': get('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n') + `0\r\n\r\n${smuggled}`,
	'Transfer-Encoding alone with GET': get('Transfer-Encoding: chunked\r\n') + `0\r\n\r\n${smuggled}`,
	'an unknown Transfer-Encoding': get('Transfer-Encoding: xchunked\r\n') + smuggled,
	'Transfer-Encoding twice': get('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n') + `0\r\n\r\n${smuggled}`,
	'Transfer-Encoding with a tab': get('Transfer-Encoding:\tchunked\r\n') + `0\r\n\r\n${smuggled}`,
	'a blank before the colon': get('Transfer-Encoding : chunked\r\nContent-Length: 4\r\n') + `0\r\n\r\n${smuggled}`,
	'two different Content-Lengths': get('Content-Length: 0\r\nContent-Length: 5\r\n') + `abcde${smuggled}`,
	'two equal Content-Lengths': get('Content-Length: 5\r\nContent-Length: 5\r\n') + `abcde${smuggled}`,
	'a list of Content-Lengths': get('Content-Length: 0, 5\r\n') + `abcde${smuggled}`,
	'a signed Content-Length': get('Content-Length: +5\r\n') + `abcde${smuggled}`,
	'a negative Content-Length': get('Content-Length: -5\r\n') + smuggled,
	'a hexadecimal Content-Length': get('Content-Length: 0x5\r\n') + `abcde${smuggled}`,
	'a Content-Length beyond 64 bits': get('Content-Length: 18446744073709551616\r\n') + smuggled,
	'a Content-Length with a letter': get('Content-Length: 5a\r\n') + `abcde${smuggled}`,
	'an empty Content-Length': get('Content-Length:\r\n') + smuggled,
	'two Hosts': get('Host: b\r\n') + smuggled,
	'a header that begins with a blank': `GET ${page} HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n${smuggled}`,
	'a header without a name': get(': b\r\n') + smuggled,
	'a header without a colon': get('nonsense\r\n') + smuggled,
	'a name with a blank': get('X A: b\r\n') + smuggled,
	'a name with a bracket': get('X(A): b\r\n') + smuggled,
	'a name with a control character': get('X\x01A: b\r\n') + smuggled,
	'a name beyond ASCII': get('X\xe9A: b\r\n') + smuggled,
	'NUL in a name': get('X\0A: b\r\n') + smuggled,
	'a bare CR in a value': get('X-A: b\rc\r\n') + smuggled,
	'a thousand headers': get(Array.from({ length: 1000 }, (_, i) => `X-${i}: y\r\n`).join('')) + smuggled,
	'a header of 100 kB': get(`X-A: ${'b'.repeat(100000)}\r\n`) + smuggled,
	'a request line of 100 kB': get('', `/${'a'.repeat(100000)}`) + smuggled,
	'bytes that are not HTTP': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'x'.repeat(300) + '\r\n\r\n',
	'the HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
};
// What libmicrohttpd 0.9.75 keeps from us: docs/origin.md lists it as known.
const open = { 'a header without a name': 'it is ignored; RFC 9112, section 5, has no such field' };
for (const [name, bytes] of Object.entries(refused)) {
	test(`${name}: refused, and nothing behind it is answered`, { todo: open[name] }, async () => {
		const { answers, open: stays } = await talk(site.port, bytes);
		assert.ok(!stays, `closed; answers ${answers.map(({ status }) => status)}`);
		assert.ok(answers.length <= 1, `answers ${answers.map(({ status }) => status)}`);
		for (const { status, headers } of answers) {
			assert.ok(status >= 400 && status < 500 || [501, 505].includes(status), `${status}`);
			assert.equal(headers['cache-control'] ?? 'no-store', 'no-store');
		}
	});
}

test('a folded header is refused, or read as one', async () => { // RFC 9112, section 5.2
	const { answers } = await talk(site.port, get('X-A: b\r\n c\r\nConnection: close\r\n'));
	assert.equal(answers.length, 1);
	assert.ok([200, 400].includes(answers[0].status));
	const folded = await talk(site.port, get(`If-None-Match:\r\n ${plain.headers.etag}\r\nConnection: close\r\n`));
	assert.ok([304, 400].includes(folded.answers[0]?.status), `${folded.answers[0]?.status}`);
	const coded = await talk(site.port, get('Transfer-Encoding:\r\n chunked\r\n') + `0\r\n\r\n${smuggled}`);
	assert.ok(!coded.open && coded.answers.length <= 1, 'nothing behind it is answered');
});

test('line ends of LF alone are read as such or refused, never mixed up', async () => {
	const { answers } = await talk(site.port, `GET ${page} HTTP/1.1\nHost: a\nConnection: close\n\n`);
	assert.ok(answers.length <= 1);
	for (const { status } of answers)
		assert.ok([200, 400].includes(status), `${status}`);
});

test('a hundred pipelined requests are answered, each and in order', async () => {
	const c = connect(site.port);
	const paths = [page, '/weather/en-us/feed.json', '/weather/en-us/none.html', '/metadata/timestamp.json'];
	const alone = await Promise.all(paths.map((path) => site.get(path)));
	c.send(Array.from({ length: 100 }, (_, i) => get('', paths[i % 4])).join(''));
	const answers = await c.answers(100, 10000);
	c.end();
	assert.equal(answers.length, 100);
	answers.forEach(({ status, body }, i) => {
		assert.equal(status, alone[i % 4].status, `answer ${i}`);
		assert.ok(body.equals(alone[i % 4].body), `body ${i}`);
	});
});

test('HEAD, 304, 404 and 206 leave a connection usable', async () => {
	const c = connect(site.port, { heads: [0] });
	c.send(`HEAD ${page} HTTP/1.1\r\nHost: a\r\n\r\n` + get(`If-None-Match: ${plain.headers.etag}\r\n`) + get('', '/nothing')
		+ get('Range: bytes=0-4\r\n') + get('Connection: close\r\n'));
	const { answers, rest } = await c.closed;
	assert.deepEqual(answers.map(({ status }) => status), [200, 304, 404, 206, 200]);
	assert.ok(answers[4].body.equals(plain.body));
	assert.equal(rest.length, 0);
});

test('a head that comes a byte a second is cut at an absolute deadline of about ten seconds', async () => {
	const clients = Array.from({ length: 20 }, () => connect(site.port));
	const text = get(`X-A: ${'b'.repeat(100)}\r\n`);
	let at = 0;
	const drip = setInterval(() => {
		for (const c of clients)
			c.send(text[at]);
		at++;
	}, 500);
	let timer;
	const late = new Promise((resolve) => { timer = setTimeout(resolve, 15000, null); });
	const closed = await Promise.race([Promise.all(clients.map((c) => c.closed)), late]);
	clearTimeout(timer);
	clearInterval(drip);
	for (const c of clients)
		c.end();
	assert.ok(closed, `${clients.filter((c) => c.open).length} of 20 were still open after 15 s`);
	for (const { answers } of closed)
		for (const { status } of answers)
			assert.equal(status, 408);
});

test('a body that does not come, and one that was not asked for, hold nothing', async () => {
	const clients = Array.from({ length: 10 }, (_, i) => {
		const c = connect(site.port);
		c.send(i % 2 ? get('Content-Length: 1000000000\r\n') : 'POST /-/invalidate HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nx');
		return c;
	});
	let timer;
	const late = new Promise((resolve) => { timer = setTimeout(resolve, 20000, null); });
	const closed = await Promise.race([Promise.all(clients.map((c) => c.closed)), late]);
	clearTimeout(timer);
	for (const c of clients)
		c.end();
	assert.ok(closed, `${clients.filter((c) => c.open).length} of 10 were still open after 20 s`);
});

test('300 idle connections and 50 that never read do not keep a good client out', async () => {
	const idle = Array.from({ length: 300 }, () => connect(site.port));
	const deaf = Array.from({ length: 50 }, () => {
		const c = connect(site.port);
		c.pause();
		c.send(get('', '/weather/en-us/feed.atom').repeat(200));
		return c;
	});
	const start = Date.now();
	for (let i = 0; i < 20; i++)
		assert.equal((await site.get(page, { timeout_ms: 5000 })).status, 200);
	assert.ok(Date.now() - start < 5000);
	for (const c of [...idle, ...deaf])
		c.end();
	await until('the origin to let them go', async () => {
		const { text } = await site.get('/-/metrics');
		return Number(/^edgepress_connections (\d+)/m.exec(text)?.[1] ?? 0) < 20;
	});
});

test('connections that are broken off in the middle of anything cost nothing', async () => {
	const halves = [get(), get('', '/weather/en-us/feed.atom'), `POST /-/invalidate HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc`];
	for (let round = 0; round < 10; round++) {
		const clients = halves.flatMap((text) => [1, 7, text.length >> 1, text.length - 1, text.length].map((n) => {
			const c = connect(site.port);
			c.send(text.slice(0, n));
			return c;
		}));
		await Promise.all(clients.map((c) => c.answers(1, 20)));
		for (const c of clients)
			c.end();
	}
	assert.equal((await site.get(page)).status, 200);
});

test('all the while a good client was served, quickly, and the memory stayed bounded', async () => {
	await good.stop();
	assert.ok(good.seen.answers > 20, `${good.seen.answers} answers`);
	assert.deepEqual(good.seen.failures, []);
	assert.ok(good.seen.slowest_ms < 3000, `${good.seen.slowest_ms} ms`);
	assert.ok(memory_kb() < 150 * 1024, `${memory_kb()} kB`);
});

test('no attack made a 5xx, and the origin ends as it is told', async () => {
	const { text } = await site.get('/-/metrics');
	const errors = text.split('\n').filter((line) => /^edgepress_requests_total\{.*status="5xx"\} [1-9]/.test(line));
	assert.deepEqual(errors, []);
	assert.match(text, /^edgepress_refused_heads_total\{reason="[a-z_]+"\} [1-9]/m);
	const { code } = await site.stop();
	assert.equal(code, 0);
});
