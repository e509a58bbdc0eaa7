// HTTP as bytes: no decoding, no redirects, no connection reuse; and a plain folder as a server.
import { createServer, request } from 'node:http';
import { createConnection, createServer as createSocketServer } from 'node:net';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';

// { status, headers, body, text }. The path is sent as it stands in `url`.
export function get(url, { method = 'GET', headers = {}, body, timeout_ms = 10000 } = {}) {
	const [, host, port, path] = /^http:\/\/([^/:]+):(\d+)(.*)$/.exec(url);
	return new Promise((resolve, reject) => {
		const rq = request({ host, port, path: path || '/', method, headers, agent: false }, (rs) => {
			const chunks = [];
			rs.on('data', (chunk) => chunks.push(chunk));
			rs.on('error', reject);
			rs.on('end', () => {
				const all = Buffer.concat(chunks);
				resolve({ status: rs.statusCode, headers: rs.headers, body: all, text: all.toString('utf8') });
			});
		});
		rq.setTimeout(timeout_ms, () => rq.destroy(new Error(`${url}: no answer in ${timeout_ms} ms`)));
		rq.on('error', reject);
		rq.end(body);
	});
}

// The status, or 0 where nobody answers.
export async function status(url) {
	try {
		return (await get(url)).status;
	} catch {
		return 0;
	}
}

// Send bytes, read until the peer closes.
export function raw(port, bytes, timeout_ms = 10000) {
	return new Promise((resolve, reject) => {
		const chunks = [];
		const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(bytes));
		socket.setTimeout(timeout_ms, () => socket.destroy(new Error('no answer')));
		socket.on('data', (chunk) => chunks.push(chunk));
		socket.on('error', reject);
		socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
	});
}

function portIsFree(port) {
	return new Promise((resolve) => {
		const probe = createSocketServer();
		probe.once('error', () => resolve(false));
		probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
	});
}

// Below the range from which outgoing connections take theirs.
export async function freePort() {
	for (let tries = 0; tries < 200; tries++) {
		const port = 12000 + Math.floor(Math.random() * 20000);
		if (await portIsFree(port))
			return port;
	}
	throw new Error('no free port');
}

const servers = new Set();
after(() => servers.forEach((server) => server.close()));

// Serve the files of a folder and 404 for the rest, as a blob store without any checks does.
// `asked` collects the paths.
export async function serveFolder(folder) {
	const asked = [];
	const server = createServer((rq, rs) => {
		const path = decodeURIComponent(rq.url.split('?')[0]);
		asked.push(path);
		const file = join(folder, path);
		const there = !path.includes('..') && statSync(file, { throwIfNoEntry: false })?.isFile();
		rs.writeHead(there ? 200 : 404);
		if (there)
			createReadStream(file).pipe(rs);
		else
			rs.end();
	});
	servers.add(server);
	await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
	const url = `http://127.0.0.1:${server.address().port}`;
	return { url, asked, close: () => server.close() };
}
