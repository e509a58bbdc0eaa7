// Azurite, the emulator of Azure Blob Storage, on a port of its own; one account, a random key.
import { createHmac, randomBytes } from 'node:crypto';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { join } from 'node:path';
import { freePort } from './http.mjs';
import { run, start, tempFolder, top } from './run.mjs';

// Whoever runs the tests may have an account of his own.
for (const name of Object.keys(process.env))
	if (/^(AZURE|IDENTITY)_|^(SSL_CERT_FILE|CURL_CA_BUNDLE)$/.test(name))
		delete process.env[name];

// A certificate for 127.0.0.1 that signs itself: { cert, key } are paths.
export async function certificate() {
	const folder = tempFolder();
	const cert = join(folder, 'cert.pem'), key = join(folder, 'key.pem');
	const made = await run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
		'-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-keyout', key, '-out', cert]);
	if (made.code !== 0)
		throw new Error(made.stderr);
	return { cert, key };
}

export class Azurite {
	// tls: what certificate() gave; oauth: take any identity's token too (https only).
	static async start({ account = 'edgepress', tls, oauth = false } = {}) {
		const a = new Azurite();
		a.account = account;
		a.tls = tls;
		a.key = randomBytes(64).toString('base64');
		a.port = await freePort();
		const argv = [process.execPath, join(top, 'tests/node_modules/azurite/dist/src/blob/main.js'), '--blobHost', '127.0.0.1',
			'--blobPort', String(a.port), '--inMemoryPersistence', '--disableTelemetry', '--silent'];
		if (tls)
			argv.push('--cert', tls.cert, '--key', tls.key, ...(oauth ? ['--oauth', 'basic'] : []));
		a.program = start(argv, { cwd: tempFolder(), env: { AZURITE_ACCOUNTS: `${account}:${a.key}` } });
		for (let i = 0; (await a.ask('GET', '/').catch(() => 0)) === 0; i++) {
			if (i === 400)
				throw new Error(`azurite does not start\n${a.program.text('stdout')}${a.program.text('stderr')}`);
			await new Promise((done) => setTimeout(done, 25));
		}
		return a;
	}

	get base() {
		return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}/${this.account}`;
	}

	// As edgepress names it, and the environment in which it may enter.
	store(container) {
		return `azblob:${this.base}/${container}`;
	}

	get env() {
		return { AZURE_STORAGE_KEY: this.key, ...(this.tls ? { SSL_CERT_FILE: this.tls.cert } : {}) };
	}

	// { status, headers, body }; signed with the account's key unless `anonymous`.
	ask(method, path, { headers = {}, body = '', anonymous = false } = {}) {
		const all = { ...headers, 'x-ms-date': new Date().toUTCString(), 'x-ms-version': '2023-11-03', 'content-length': String(Buffer.byteLength(body)) };
		const [resource, query = ''] = path.split('?');
		const ms = Object.keys(all).filter((name) => name.startsWith('x-ms-')).sort().map((name) => `${name}:${all[name]}\n`).join('');
		const parameters = [...new URLSearchParams(query)].sort().map(([name, value]) => `\n${name}:${value}`).join('');
		const text = `${method}\n\n\n${body.length || ''}\n\n\n\n\n\n\n\n\n${ms}/${this.account}/${this.account}${resource}${parameters}`;
		if (!anonymous)
			all.authorization = `SharedKey ${this.account}:${createHmac('sha256', Buffer.from(this.key, 'base64')).update(text, 'utf8').digest('base64')}`;
		return new Promise((resolve, reject) => {
			const rq = (this.tls ? secure : plain)(`${this.base}${path}`, { method, headers: all, rejectUnauthorized: false, agent: false }, (rs) => {
				const chunks = [];
				rs.on('data', (chunk) => chunks.push(chunk));
				rs.on('end', () => resolve({ status: rs.statusCode, headers: rs.headers, body: Buffer.concat(chunks) }));
			});
			rq.on('error', reject);
			rq.end(body);
		});
	}

	async container(name, { open = false } = {}) {
		const made = await this.ask('PUT', `/${name}?restype=container`, { headers: open ? { 'x-ms-blob-public-access': 'blob' } : {} });
		if (made.status !== 201)
			throw new Error(`container ${name}: ${made.status} ${made.body}`);
		return this.store(name);
	}

	// A service SAS for a container; rights such as "rl".
	sas(container, rights, { minutes = 60 } = {}) {
		const time = (ms) => new Date(ms).toISOString().replace(/\.\d+/, '');
		const from = time(Date.now() - 300000), until = time(Date.now() + 60000 * minutes), version = '2020-12-06';
		const text = [rights, from, until, `/blob/${this.account}/${container}`, '', '', '', version, 'c', '', '', '', '', '', '', ''].join('\n');
		const sig = createHmac('sha256', Buffer.from(this.key, 'base64')).update(text, 'utf8').digest('base64');
		return new URLSearchParams({ sv: version, st: from, se: until, sr: 'c', sp: rights, sig }).toString();
	}

	async stop() {
		this.program.kill('SIGTERM');
		await this.program.ended;
	}
}
