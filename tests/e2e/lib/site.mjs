// A site in a temporary folder, the commands that work on it, and its origin.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { edit, list, readJson } from './files.mjs';
import { freePort, get, status } from './http.mjs';
import { edgepress, run, start, tempFolder, top, until } from './run.mjs';

export class Site {
	constructor(dir, port) {
		this.dir = dir;
		this.port = port;
		this.url = `http://127.0.0.1:${port}`;
		this.env = {}; // of every command
	}

	path(...parts) {
		return join(this.dir, ...parts);
	}

	get store() {
		return this.path('public');
	}

	// Run `edgepress ARGS...` in the site's folder, the last argument perhaps { env, input, … }.
	run(...args) {
		const options = typeof args.at(-1) === 'object' ? args.pop() : {};
		return run([edgepress, ...args], { cwd: this.dir, ...options, env: { ...this.env, ...options.env } });
	}

	// The same, where anything but exit code 0 fails the test.
	async must(...args) {
		const result = await this.run(...args);
		const shown = args.filter((arg) => typeof arg === 'string').join(' ');
		assert.equal(result.code, 0, `edgepress ${shown}: ${result.stderr}${result.stdout}`);
		return result;
	}

	async json(...args) {
		const options = typeof args.at(-1) === 'object' ? [args.pop()] : [];
		return JSON.parse((await this.must(...args, '--json', ...options)).stdout);
	}

	start(...args) {
		const options = typeof args.at(-1) === 'object' ? args.pop() : {};
		return start([edgepress, ...args], { cwd: this.dir, ...options, env: { ...this.env, ...options.env } });
	}

	// The signed metadata that is live in the store, and what it leads to.
	timestamp() {
		return readJson(join(this.store, 'metadata', 'timestamp.json'));
	}

	version() {
		return this.timestamp().signed.meta['snapshot.json'].version;
	}

	snapshot() {
		return readJson(join(this.store, 'metadata', `${this.version()}.snapshot.json`));
	}

	role(name) {
		const { version } = this.snapshot().signed.meta[`${name}.json`];
		return readJson(join(this.store, 'metadata', `${version}.${name}.json`));
	}

	// Where the store has a shard that a manifest lists.
	shardPath(shard) {
		return join(this.store, 'trees', shard.sha256);
	}

	// What all shards of a manifest list: { documents, files }, sorted.
	entries(manifest) {
		const trees = manifest.shards.map((shard) => JSON.parse(gunzipSync(readFileSync(this.shardPath(shard)))));
		const all = (name, key) => trees.flatMap((tree) => tree[name]).sort((a, b) => (a[key] < b[key] ? -1 : 1));
		return { documents: all('documents', 'id'), files: all('files', 'path') };
	}

	// { path, bytes, manifest } of a live bundle such as "weather/en-us", its manifest with the
	// entries of its shards.
	bundle(name) {
		const [vertical] = name.split('/');
		const target = this.role(vertical).signed.targets[`${name}/bundle.json`];
		const path = join(this.store, 'targets', name, `${target.hashes.sha256}.bundle.json`);
		const bytes = readFileSync(path);
		const manifest = JSON.parse(bytes.toString('utf8'));
		return { path, bytes, manifest: { ...manifest, ...this.entries(manifest) } };
	}

	// Start the origin; returns when it is ready (or, with ready: false, as soon as it is alive).
	async serve({ ready = true, args = [], env } = {}) {
		const program = this.start('serve', 'local', '--listen', `127.0.0.1:${this.port}`,
			'--log', 'json', ...args, { env });
		let ended = null;
		program.ended.then((result) => {
			ended = result;
			program.ended.done = result.signal ?? result.code;
		}, (error) => { ended = { stderr: String(error) }; });
		const probe = ready ? 'readyz' : 'healthz';
		await until(`${probe} of the origin`, async () => {
			if (ended)
				throw new Error(`the origin ended: ${ended.stderr}${ended.stdout ?? ''}`);
			return await status(`${this.url}/-/${probe}`) === 200;
		}).catch((error) => {
			program.kill();
			throw new Error(`${error.message}\n${program.text('stderr')}`);
		});
		this.origin = program;
		return program;
	}

	async stop() {
		if (!this.origin)
			return null;
		this.origin.kill('SIGTERM');
		let late = true;
		until('the end of the origin', () => !late, 10000).catch(() => this.origin.kill());
		const result = await this.origin.ended;
		late = false;
		this.origin = null;
		return result;
	}

	async get(path, options) {
		try {
			return await get(this.url + path, options);
		} catch (error) {
			throw new Error(`${path}: ${error.message}; the origin ${this.fate()}`);
		}
	}

	// What has become of the origin, for messages.
	fate() {
		if (!this.origin)
			return 'was not started';
		const { ended, text } = this.origin;
		const last = text('stderr').slice(-1000);
		return ended.done ? `ended with ${ended.done}: ${last}` : `runs: ${last}`;
	}

	// The body of a page that must be there.
	async page(path) {
		const answer = await this.get(path);
		assert.equal(answer.status, 200, `${path}: ${answer.status} ${answer.text}`);
		return answer.text;
	}

	async remove() {
		await this.stop();
		rmSync(dirname(this.dir), { recursive: true, force: true });
	}
}

// Everything that names the port of the origin gets this site's own; the site's public address,
// which is in the rendered pages, stays.
function ownPort(dir, port) {
	const ini = join(dir, 'edgepress.ini');
	edit(ini, ['origins = http://127.0.0.1:8080', `origins = http://127.0.0.1:${port}`],
		['listen = 127.0.0.1:8080', `listen = 127.0.0.1:${port}`]);
}

// What `edgepress init` makes: three documents of one bundle, weather/en-us.
export async function initSite() {
	const dir = join(tempFolder(), 'site');
	const result = await run([edgepress, 'init', dir]);
	assert.equal(result.code, 0, `edgepress init: ${result.stderr}`);
	const port = await freePort();
	ownPort(dir, port);
	return new Site(dir, port);
}

export const sample = join(top, 'tests', 'site');
export const weather = ['documents/weather/en-us'];

// A copy of tests/site, or of some of its documents (paths of folders or files), with new keys
// unless keys: false.
export async function sampleSite({ documents = ['documents'], keys = true } = {}) {
	const dir = join(tempFolder(), 'site');
	mkdirSync(join(dir, 'documents'), { recursive: true });
	for (const path of ['edgepress.ini', 'schemas', 'templates', ...documents])
		if (existsSync(join(sample, path)))
			cpSync(join(sample, path), join(dir, path), { recursive: true });
	const port = await freePort();
	ownPort(dir, port);
	const site = new Site(dir, port);
	if (keys)
		await site.must('keys', 'init', 'local');
	return site;
}

export function write(path, text) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}

export { list };
