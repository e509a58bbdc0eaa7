// A TUF repository in memory, to be changed and served step by step, right or wrong; and a runner
// for clients that speak the command line of the public tuf-conformance suite.
import { createHash, generateKeyPairSync, sign as signWith, constants } from 'node:crypto';
import { createServer } from 'node:http';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { run, tempFolder } from './run.mjs';

// OLPC canonical JSON: sorted members, no blanks, only quote and backslash escaped.
export function canonical(value) {
	if (Array.isArray(value))
		return `[${value.map(canonical).join(',')}]`;
	if (value !== null && typeof value === 'object')
		return `{${Object.keys(value).filter((k) => value[k] !== undefined).sort()
			.map((k) => `${canonical(k)}:${canonical(value[k])}`).join(',')}}`;
	return typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : JSON.stringify(value);
}
const sha = (bytes, kind = 'sha256') => createHash(kind).update(bytes).digest('hex');
export const keyIdOf = (key) => sha(canonical(key));
export const days = (n) => `${new Date(Date.now() + n * 86400e3).toISOString().slice(0, 19)}Z`;
// As Python's urllib.parse.quote(name, '').
export const quote = (name) => encodeURIComponent(name).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// RSA keys are slow to make: one for all.
let rsa = null;
const kinds = {
	'ed25519/ed25519': {
		make: () => generateKeyPairSync('ed25519'),
		public: (pair) => Buffer.from(pair.publicKey.export({ format: 'jwk' }).x, 'base64url').toString('hex'),
		sign: (pair, bytes) => signWith(null, bytes, pair.privateKey),
	},
	'ecdsa/ecdsa-sha2-nistp256': {
		make: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
		public: (pair) => pair.publicKey.export({ type: 'spki', format: 'pem' }),
		sign: (pair, bytes) => signWith('sha256', bytes, pair.privateKey),
	},
	'rsa/rsassa-pss-sha256': {
		make: () => rsa ??= generateKeyPairSync('rsa', { modulusLength: 2048 }),
		public: (pair) => pair.publicKey.export({ type: 'spki', format: 'pem' }),
		sign: (pair, bytes) => signWith('sha256', bytes, { key: pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
	},
};

// `key` is what stands in metadata; its id follows whatever is added to it.
export class Signer {
	constructor(kind = 'ed25519/ed25519') {
		[this.keytype, this.scheme] = kind.split('/');
		this.kind = kinds[kind];
		this.pair = this.kind.make();
		this.key = { keytype: this.keytype, scheme: this.scheme, keyval: { public: this.kind.public(this.pair) } };
	}

	get id() {
		return keyIdOf(this.key);
	}

	sign(text) {
		return this.kind.sign(this.pair, Buffer.from(text)).toString('hex');
	}
}

let made = 0;
// In turn the two kinds that matter, so that every case meets both.
export const newSigner = (kind = ['ed25519/ed25519', 'ecdsa/ecdsa-sha2-nistp256'][made++ % 2]) => new Signer(kind);

export class Repository {
	// kind: of all its keys; by default the two that matter in turn.
	constructor(kind) {
		this.kind = kind;
		this.signed = {};     // role: the part that is signed
		this.signers = {};    // role: [Signer]
		this.files = {};      // role: [bytes], by version - 1
		this.artifacts = {};  // path: bytes
		this.withHashes = false;
		this.metadataAsked = [];
		this.artifactsAsked = [];
		const base = (type) => ({ _type: type, spec_version: '1.0.31', version: 1, expires: days(30) });
		this.signed.targets = { ...base('targets'), targets: {} };
		this.signed.snapshot = { ...base('snapshot'), meta: {} };
		this.signed.timestamp = { ...base('timestamp'), meta: {} };
		this.signed.root = { ...base('root'), consistent_snapshot: true, keys: {}, roles: {} };
		for (const role of ['root', 'timestamp', 'snapshot', 'targets']) {
			this.signed.root.roles[role] = { keyids: [], threshold: 1 };
			this.addKey(role);
		}
		this.publish('targets', 'snapshot', 'timestamp', 'root');
	}

	get root() { return this.signed.root; }
	get timestamp() { return this.signed.timestamp; }
	get snapshot() { return this.signed.snapshot; }
	get targets() { return this.signed.targets; }

	delegation(delegator, role) {
		return delegator === 'root' ? this.root.roles[role]
			: this.signed[delegator].delegations.roles.find(({ name }) => name === role);
	}

	addKey(role, delegator = 'root', signer = newSigner(this.kind)) {
		const keys = delegator === 'root' ? this.root.keys : this.signed[delegator].delegations.keys;
		keys[signer.id] = signer.key;
		this.delegation(delegator, role).keyids.push(signer.id);
		(this.signers[role] ??= []).push(signer);
		return signer;
	}

	rotate(role) {
		this.root.roles[role].keyids = [];
		this.signers[role] = [];
		for (let i = 0; i < this.root.roles[role].threshold; i++)
			this.addKey(role);
	}

	addDelegation(delegator, name, { paths = ['*'], terminating = false, targets = {} } = {}) {
		const delegations = this.signed[delegator].delegations ??= { keys: {}, roles: [] };
		delegations.roles.push({ name, keyids: [], threshold: 1, terminating, paths });
		this.signed[name] ??= { _type: 'targets', spec_version: '1.0.31', version: 1, expires: days(30), targets };
		this.addKey(name, delegator);
	}

	addArtifact(role, path, bytes, hashes = ['sha256']) {
		this.artifacts[path] = Buffer.from(bytes);
		this.signed[role].targets[path] = { length: this.artifacts[path].length,
			hashes: Object.fromEntries(hashes.map((kind) => [kind, sha(this.artifacts[path], kind)])) };
	}

	// Sign the next version of each role; the first stays 1.
	publish(...roles) {
		for (const role of roles) {
			const signed = this.signed[role];
			if (this.files[role])
				signed.version++;
			const text = canonical(signed);
			const signatures = (this.signers[role] ?? []).map((signer) => ({ keyid: signer.id, sig: signer.sign(text) }));
			const bytes = Buffer.from(JSON.stringify({ signatures, signed }));
			(this.files[role] ??= []).push(bytes);
			const entry = { version: signed.version, ...(this.withHashes && { length: bytes.length, hashes: { sha256: sha(bytes) } }) };
			if (role === 'snapshot')
				this.timestamp.meta['snapshot.json'] = entry;
			else if (!['root', 'timestamp'].includes(role))
				this.snapshot.meta[`${role}.json`] = entry;
		}
	}

	last(role) {
		return this.files[role].at(-1);
	}

	// Change the file that was published last, without signing it again.
	alter(role, change) {
		const file = JSON.parse(this.files[role].pop());
		this.files[role].push(Buffer.from(JSON.stringify(change(file) ?? file)));
	}

	fetch(path) {
		const [, name] = /^metadata\/(.*)\.json$/.exec(path) ?? [];
		if (name !== undefined) {
			const versioned = name !== 'timestamp' && (this.root.consistent_snapshot || name.endsWith('.root'));
			const [, number, rest] = versioned ? /^(\d+)\.(.*)$/s.exec(name) ?? [] : [];
			const role = decodeURIComponent(rest ?? name);
			this.metadataAsked.push(number ? `${rest} ${number}` : role);
			return number ? this.files[role]?.[number - 1] : this.files[role]?.at(-1);
		}
		const [, dir, hash, file] = /^targets\/(.*\/)?(?:([0-9a-f]{64,128})\.)?([^/]*)$/.exec(decodeURIComponent(path)) ?? [];
		if (file === undefined)
			return undefined;
		const target = `${dir ?? ''}${file}`;
		this.artifactsAsked.push(target);
		const known = Object.values(this.signed).flatMap((signed) => Object.values(signed.targets?.[target]?.hashes ?? {}));
		return !hash || known.includes(hash) ? this.artifacts[target] : undefined;
	}
}

const repositories = new Map();
const server = createServer((request, response) => {
	const [, name, path] = /^\/([^/]*)\/(.*)$/.exec(request.url) ?? [];
	const body = repositories.get(name)?.fetch(path);
	response.writeHead(body ? 200 : 404).end(body ?? 'not here');
});
const listening = new Promise((ready) => server.listen(0, '127.0.0.1', ready));
after(() => server.close());

// A client with folders of its own, in front of one repository.
export class Client {
	static async make(program, repository, files = null) {
		const client = new Client();
		const name = `t${repositories.size}`;
		repositories.set(name, files ?? repository);
		client.program = program;
		await listening;
		client.url = `http://127.0.0.1:${server.address().port}/${name}`;
		client.dir = tempFolder();
		for (const folder of ['metadata', 'targets'])
			mkdirSync(join(client.dir, folder));
		return client;
	}

	async #run(time, ...args) {
		const { code, stderr } = await run([this.program, '--metadata-dir', join(this.dir, 'metadata'), ...args],
			{ env: time ? { SOURCE_DATE_EPOCH: String(Math.floor(time / 1000)) } : {} });
		this.said = stderr;
		return code;
	}

	init(root) {
		const path = join(this.dir, 'initial.json');
		writeFileSync(path, root);
		return this.#run(null, 'init', path);
	}

	refresh({ time } = {}) {
		return this.#run(time, '--metadata-url', `${this.url}/metadata/`, 'refresh');
	}

	download(names, { time } = {}) {
		return this.#run(time, '--metadata-url', `${this.url}/metadata/`,
			...[names].flat().flatMap((name) => ['--target-name', name]),
			'--target-dir', join(this.dir, 'targets'), '--target-base-url', `${this.url}/targets/`, 'download');
	}

	// { role: version } of what is trusted, names as the client writes them.
	trusted() {
		const folder = join(this.dir, 'metadata');
		return Object.fromEntries(readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
			.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(folder, name), 'utf8')).signed.version]));
	}

	file(role) {
		return readFileSync(join(this.dir, 'metadata', `${role}.json`));
	}

	downloaded() {
		const folder = join(this.dir, 'targets');
		return readdirSync(folder).sort().map((name) => readFileSync(join(folder, name), 'utf8'));
	}
}
