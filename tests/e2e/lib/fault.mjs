// A proxy that spoils what it is told to: each rule takes the next requests that fit it. It also
// stands in for the services that give out tokens.
import { createServer, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { after } from 'node:test';

const running = [];
after(() => {
	for (const f of running)
		f.stop();
});

export class Faults {
	// upstream: { port, tls }, or nothing where every request has a rule.
	static async start(upstream) {
		const f = new Faults();
		f.upstream = upstream;
		f.rules = [];
		f.seen = [];
		f.sockets = new Set();
		f.server = createServer((rq, rs) => f.handle(rq, rs));
		f.server.on('connection', (socket) => f.sockets.add(socket));
		await new Promise((done) => f.server.listen(0, '127.0.0.1', done));
		f.port = f.server.address().port;
		running.push(f);
		return f;
	}

	get url() {
		return `http://127.0.0.1:${this.port}`;
	}

	get connections() {
		return this.sockets.size;
	}

	// fits: (rq) => boolean. act: { status, headers, body } answers at once; 'reset' drops the
	// connection; 'lose' lets the request through and drops the connection instead of the
	// answer; 'cut' drops it in the middle of the body; 'spoil' changes a byte of the body;
	// { wait } answers after that many milliseconds. A function of the request gives one of them, or a promise of it.
	rule(fits, act, times = 1) {
		this.rules.push({ fits, act, times });
	}

	forget() {
		this.rules = [];
		this.seen = [];
	}

	async handle(rq, rs) {
		const chunks = [];
		for await (const chunk of rq)
			chunks.push(chunk);
		const body = Buffer.concat(chunks);
		this.seen.push({ method: rq.method, url: rq.url, headers: rq.headers, body: body.toString('utf8'), at: performance.now() });
		const rule = this.rules.find((r) => r.times > 0 && r.fits(rq));
		let act = null;
		if (rule) {
			rule.times--;
			act = typeof rule.act === 'function' ? await rule.act(this.seen.at(-1)) : rule.act;
		}
		if (act === 'reset')
			return rq.socket.resetAndDestroy();
		if (act?.status) {
			rs.writeHead(act.status, act.headers);
			return rs.end(act.body);
		}
		if (act?.wait)
			await new Promise((done) => setTimeout(done, act.wait).unref());
		const answer = await this.forward(rq, body);
		if (act === 'lose')
			return rq.socket.destroy();
		if (act === 'cut') {
			rs.writeHead(answer.status, answer.headers);
			rs.write(answer.body.subarray(0, answer.body.length / 2));
			return setTimeout(() => rq.socket.destroy(), 20);
		}
		if (act === 'spoil')
			answer.body[0] ^= 1;
		rs.writeHead(answer.status, answer.headers);
		rs.end(answer.body);
	}

	// The Host stays as the client sent it: nothing that was signed is touched.
	forward(rq, body) {
		return new Promise((resolve, reject) => {
			const up = (this.upstream.tls ? secure : plain)({ host: '127.0.0.1', port: this.upstream.port, path: rq.url, method: rq.method, headers: rq.headers, rejectUnauthorized: false, agent: false }, (rs) => {
				const chunks = [];
				rs.on('data', (chunk) => chunks.push(chunk));
				rs.on('end', () => {
					const headers = { ...rs.headers };
					delete headers.connection;
					delete headers['keep-alive'];
					delete headers['transfer-encoding'];
					const all = Buffer.concat(chunks);
					if (rq.method !== 'HEAD' && rs.statusCode !== 304)
						headers['content-length'] = String(all.length);
					resolve({ status: rs.statusCode, headers, body: all });
				});
			});
			up.on('error', reject);
			up.end(body);
		});
	}

	stop() {
		for (const socket of this.sockets)
			socket.destroy();
		this.server.close();
	}
}
