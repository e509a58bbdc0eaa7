// Varnish as shipped in deploy/edge, in front of a site's origin.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, get } from './http.mjs';
import { edit } from './files.mjs';
import { run, start, tempFolder, top, until } from './run.mjs';

export class Varnish {
	constructor(port, url) {
		this.port = port;
		this.url = url;
	}

	// In front of the origin at `originPort`; `change(folder)` may edit its copy of origin.vcl,
	// `other(text)` the text of varnish.vcl.
	static async inFront(originPort, { port, change = () => {}, other = (text) => text } = {}) {
		const own = port ?? await freePort();
		const varnish = new Varnish(own, `http://127.0.0.1:${own}`);
		varnish.dir = tempFolder();
		mkdirSync(join(varnish.dir, 'own'));
		// As docs/origin.md says: a copy of origin.vcl, in a folder that stands in front.
		cpSync(join(top, 'deploy/edge/origin.vcl'), join(varnish.dir, 'own/origin.vcl'));
		edit(join(varnish.dir, 'own/origin.vcl'), ['.port = "8080"', `.port = "${originPort}"`]);
		change(join(varnish.dir, 'own'));
		writeFileSync(join(varnish.dir, 'edge.vcl'), other(readFileSync(join(top, 'deploy/edge/varnish.vcl'), 'utf8')));
		await varnish.start();
		return varnish;
	}

	async start() {
		const edge = join(top, 'deploy/edge');
		this.program = start(['varnishd', '-F', '-a', `127.0.0.1:${this.port}`, '-f', join(this.dir, 'edge.vcl'),
			'-p', `vcl_path=${join(this.dir, 'own')}:${edge}`, '-s', 'malloc,64m', '-n', join(this.dir, 'vn'), '-j', 'none', '-T', 'none']);
		let ended = null;
		this.program.ended.then((result) => { ended = result; }, (error) => { ended = { stderr: String(error) }; });
		await until('Varnish', async () => {
			if (ended)
				throw new Error(`varnishd ended: ${ended.stderr}`);
			return (await get(`${this.url}/weather/en-us/index.html`).catch(() => null))?.status === 200;
		}, 30000).catch((error) => {
			this.program.kill();
			throw new Error(`${error.message}\n${this.program.text('stderr')}`);
		});
	}

	async stop() {
		this.program.kill('SIGTERM');
		const timer = setTimeout(() => this.program.kill(), 10000);
		await this.program.ended;
		clearTimeout(timer);
	}

	get(path, options) {
		return get(this.url + path, options);
	}

	// True if the answer came from memory.
	static hit(answer) {
		return /varnish; hit/.test(answer.headers['cache-status'] ?? '');
	}

	async counter(name) {
		const { stdout } = await run(['varnishstat', '-n', join(this.dir, 'vn'), '-1', '-f', name]);
		return Number(/\s(\d+)\s/.exec(stdout)[1]);
	}
}

// Makes the site publish to this edge.
export function addEdge(site, name, url, settings = {}) {
	const path = site.path('edgepress.ini');
	let ini = readFileSync(path, 'utf8');
	ini = /^edges = .*$/m.test(ini) ? ini.replace(/^edges = .*$/m, `$& ${name}`) : ini.replace(/^\[target local\]$/m, `$&\nedges = ${name}`);
	const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`).join('');
	writeFileSync(path, `${ini}\n[edge ${name}]\ndriver = varnish\nurl = ${url}\n${lines}`);
}
