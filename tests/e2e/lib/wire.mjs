// One TCP connection to an HTTP server, byte by byte.
import { createConnection } from 'node:net';

// Takes whole answers with Content-Length off the front of `bytes`; those whose numbers are in
// `heads` answer a HEAD and have no body.
function parse(bytes, heads) {
	const answers = [];
	let rest = bytes;
	for (;;) {
		const end = rest.indexOf('\r\n\r\n');
		if (end < 0)
			return { answers, rest };
		const [first, ...fields] = rest.subarray(0, end).toString('latin1').split('\r\n');
		const status = Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(first)?.[1] ?? NaN);
		const headers = Object.fromEntries(fields.map((field) => {
			const colon = field.indexOf(':');
			return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
		}));
		const length = status === 304 || status < 200 || heads.includes(answers.length) ? 0 : Number(headers['content-length'] ?? 0);
		if (rest.length < end + 4 + length)
			return { answers, rest };
		if (status >= 200 || Number.isNaN(status))
			answers.push({ status, headers, body: rest.subarray(end + 4, end + 4 + length) });
		rest = rest.subarray(end + 4 + length);
	}
}

// `closed` resolves to { answers, rest, ms } when the peer ends the connection.
export function connect(port, { heads = [] } = {}) {
	const socket = createConnection({ host: '127.0.0.1', port });
	const chunks = [];
	const born = Date.now();
	let over = false, waiting = () => {};
	const all = () => parse(Buffer.concat(chunks), heads);
	socket.on('data', (chunk) => {
		chunks.push(chunk);
		waiting();
	});
	socket.on('error', () => {}); // a reset is a way to close
	const closed = new Promise((resolve) => socket.on('close', () => {
		over = true;
		waiting();
		resolve({ ...all(), ms: Date.now() - born });
	}));
	return {
		closed,
		get open() { return !over; },
		send: (bytes) => { if (!over) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes); },
		end: () => socket.destroy(),
		pause: () => socket.pause(),
		resume: () => socket.resume(),
		// The first `n` answers, or as many as came before the peer closed or the time was over.
		answers(n, timeout_ms = 10000) {
			return new Promise((resolve) => {
				const look = () => {
					const { answers } = all();
					if (answers.length < n && !over)
						return;
					clearTimeout(timer);
					waiting = () => {};
					resolve(answers);
				};
				const timer = setTimeout(() => {
					waiting = () => {};
					resolve(all().answers);
				}, timeout_ms);
				waiting = look;
				look();
			});
		},
	};
}

// Send bytes on a connection of their own: the answers until the peer closes, at most
// `timeout_ms` long; `open` tells that it had not closed by then.
export async function talk(port, bytes, timeout_ms = 3000) {
	const c = connect(port);
	c.send(bytes);
	let timer;
	const late = new Promise((resolve) => { timer = setTimeout(resolve, timeout_ms, null); });
	const done = await Promise.race([c.closed, late]);
	clearTimeout(timer);
	const open = done === null;
	const { answers, rest } = done ?? { answers: await c.answers(1e9, 0), rest: Buffer.alloc(0) };
	c.end();
	return { answers, rest, open };
}
