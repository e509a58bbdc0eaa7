// Whatever lies in the folder of documents: it is named, refused, and the rest goes on.
import assert from 'node:assert/strict';
import { chmodSync, cpSync, closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { edgepress, run, tempFolder, top } from './lib/run.mjs';
import { sampleSite, weather } from './lib/site.mjs';

const memory_kib = 512 * 1024;
let site, good, xml, json, second, ids;

before(async () => {
	site = await sampleSite({ documents: weather });
	good = (await site.json('check')).accepted;
	xml = readFileSync(site.path('documents/weather/en-us/oakland.xml'), 'utf8');
	json = readFileSync(site.path('documents/weather/en-us/flagstaff.json'), 'utf8');
	second = readFileSync(site.path('documents/weather/en-us/seattle-2012-11.json'), 'utf8');
	await site.must('publish');
	ids = site.bundle('weather/en-us').manifest.documents.map(({ id }) => id);
});

// Run a command in `memory_kib` of address space.
const bounded = (...args) => run(['sh', '-c', `ulimit -v ${memory_kib} && exec "$@"`, 'sh', edgepress, ...args],
	{ cwd: site.dir, timeout_ms: 30000 });

function sparse(path, size) {
	const fd = openSync(path, 'w');
	ftruncateSync(fd, size);
	closeSync(fd);
}
const bomb = `<?xml version="1.0"?>
<!DOCTYPE document [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">
${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, i) =>
		`<!ENTITY ${name} "${`&${'abcdefgh'[i]};`.repeat(20)}">`).join('\n')}]>
<document><title>&i;</title></document>`;
const external = `<?xml version="1.0"?>
<!DOCTYPE document [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<document><title>&x;</title></document>`;

// file name -> what writes it. Each is one file that `check` must name.
const inputs = {
	'sparse.xml': (path) => sparse(path, 2 ** 30),
	'sparse.json': (path) => sparse(path, 2 ** 30),
	'sparse.ndjson': (path) => sparse(path, 2 ** 30),
	'entity-bomb.xml': (path) => writeFileSync(path, bomb),
	'external-entity.xml': (path) => writeFileSync(path, external),
	'nested.xml': (path) => writeFileSync(path, `<document>${'<a>'.repeat(100000)}${'</a>'.repeat(100000)}</document>`),
	'many-elements.xml': (path) => writeFileSync(path, `<document>${'<a/>'.repeat(100000)}</document>`),
	'many-attributes.xml': (path) => writeFileSync(path, `<document ${Array.from({ length: 3000 }, (_, i) => `a${i}="1"`).join(' ')}/>`),
	'invalid-utf8.xml': (path) => writeFileSync(path, Buffer.from(xml.replace('Oakland', 'Oak\u0001land')
		.replace('\u0001', '\xff\xfe'), 'latin1')),
	'utf16.xml': (path) => writeFileSync(path, Buffer.from(`\ufeff${xml}`, 'utf16le')),
	'latin1.xml': (path) => writeFileSync(path, xml.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')),
	'nul.xml': (path) => writeFileSync(path, xml.replace('Oakland', 'Oak\0land')),
	'nul.json': (path) => writeFileSync(path, json.replace('Flagstaff', 'Flag\\u0000staff')),
	'override.json': (path) => writeFileSync(path, json.replace('Flagstaff', 'Flag\\u202estaff')),
	'packed.xml': (path) => writeFileSync(path, gzipSync(xml)),
	'packed.json': (path) => writeFileSync(path, gzipSync(json)),
	'deep.json': (path) => writeFileSync(path, '['.repeat(200000) + ']'.repeat(200000)),
	'deep-object.json': (path) => writeFileSync(path, `${'{"a":'.repeat(100000)}1${'}'.repeat(100000)}`),
	'twice.json': (path) => writeFileSync(path, json.replace('"id"', '"id": "first", "id"')),
	'surrogate.json': (path) => writeFileSync(path, json.replace('Flagstaff', 'Flag\\ud800staff')),
	'big-number.json': (path) => writeFileSync(path, json.replace(/"high": *[\d.-]+/, '"high": 1e999')),
	'half.json': (path) => writeFileSync(path, json.slice(0, json.length / 2)),
	'empty.xml': (path) => writeFileSync(path, ''),
	'empty.json': (path) => writeFileSync(path, ''),
	'elsewhere.json': (path) => writeFileSync(path, json.replace('"flagstaff"', '"../../../../etc/passwd"')),
	'absolute.xml': (path) => writeFileSync(path, xml.replace('<id>oakland<', '<id>/etc/passwd<')),
	'other-locale.xml': (path) => writeFileSync(path, xml.replace('<locale>en-us<', '<locale>../xx<')),
	'other-vertical.xml': (path) => writeFileSync(path, xml.replace('<vertical>weather<', '<vertical>../../x<')),
	'no-such-vertical.xml': (path) => writeFileSync(path, xml.replace('<vertical>weather<', '<vertical>tides<')),
	'include.xml': (path) => writeFileSync(path, xml.replace('<document>',
		'<document xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/>')),
	'instruction.xml': (path) => writeFileSync(path, xml.replace('<document>', '<?php system("id"); ?><document>')),
	'script.xml': (path) => writeFileSync(path, xml.replace('<prose>', '<prose><script>alert(1)</script>')),
	'long-line.ndjson': (path) => writeFileSync(path, `{"a":"${'x'.repeat(3 * 2 ** 20)}"}\n`),
};

for (const [name, make] of Object.entries(inputs)) {
	test(`${name} is refused by name, in bounded memory, and the others are still judged`, async () => {
		const path = site.path('documents/weather', name);
		make(path);
		try {
			const { code, signal, stdout, stderr } = await bounded('check', '--json');
			assert.equal(signal, null, stderr);
			assert.equal(code, 3, stderr);
			assert.ok(!/root:x:0/.test(stdout + stderr), 'nothing of /etc/passwd');
			assert.ok(stdout.length + stderr.length < 40000, 'the message is short');
			const report = JSON.parse(stdout);
			assert.equal(report.accepted, good);
			const refused = report.documents.filter((one) => !one.accepted);
			assert.ok(refused.length > 0 && refused.every((one) => one.where.includes(`weather/${name}`)
				&& one.findings.length > 0), `it names the file: ${stdout}`);
		} finally {
			rmSync(path, { force: true });
		}
	});
}

test('all of them at once in a publish leave the site as it was, and a change beside them is live', async () => {
	for (const [name, make] of Object.entries(inputs))
		make(site.path('documents/weather', name));
	const oakland = site.path('documents/weather/en-us/oakland.xml');
	writeFileSync(oakland, xml.replace('<title>Oakland forecast', '<title>Oakland outlook'));
	const { code, signal, stderr } = await bounded('publish', '--allow-large-change');
	assert.equal(signal, null);
	assert.ok(code === 0 || code === 6, stderr.slice(0, 2000));
	for (const name of Object.keys(inputs)) {
		assert.ok(stderr.includes(`weather/${name}`), `${name} is named`);
		rmSync(site.path('documents/weather', name));
	}
	const { documents } = site.bundle('weather/en-us').manifest;
	assert.deepEqual(documents.map(({ id }) => id), ids);
	assert.match(documents.find(({ id }) => id === 'oakland').title, /Oakland outlook/);
	await site.must('verify', 'local');
});

test('links in a circle, links to nowhere and pipes do not stop a check', async () => {
	const below = site.path('documents/weather/odd');
	mkdirSync(join(below, 'a/b'), { recursive: true });
	symlinkSync('../..', join(below, 'a/b/up'));
	symlinkSync('.', join(below, 'self'));
	symlinkSync('nowhere.xml', join(below, 'dangling.xml'));
	symlinkSync('loop.json', join(below, 'loop.json'));
	assert.equal((await run(['mkfifo', join(below, 'pipe.xml')])).code, 0);
	try {
		const { code, signal, stdout, stderr } = await bounded('check', '--json');
		assert.equal(signal, null, stderr);
		assert.ok([0, 1, 3].includes(code), `${code}: ${stderr}`);
		assert.equal(JSON.parse(stdout).accepted, good, stderr);
	} finally {
		rmSync(below, { recursive: true });
	}
});

test('a file that may not be read is named with the reason, and the others are still judged', async () => {
	// Root may read everything: then somebody else looks, with a program and a site of their own.
	const folder = tempFolder();
	chmodSync(folder, 0o755);
	const program = join(folder, 'edgepress');
	cpSync(edgepress, join(program, 'build/edgepress'));
	for (const name of ['schemas', 'templates'])
		cpSync(join(top, name), join(program, name), { recursive: true });
	cpSync(site.dir, join(folder, 'site'), { recursive: true });
	const secret = join(folder, 'site/documents/weather/en-us/guam.xml');
	chmodSync(secret, 0);
	const as = process.getuid() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
	const { code, stdout, stderr } = await run([...as, join(program, 'build/edgepress'), 'check', '--json'],
		{ cwd: join(folder, 'site') });
	assert.ok(code === 3 || code === 1, `${code}: ${stderr}`);
	assert.match(stderr + stdout, /guam\.xml/);
	assert.match(stderr + stdout, /permission|denied/i);
	assert.equal(JSON.parse(stdout).accepted, good - 1, stderr);
});

test('one bad line of a stream is refused with its number, and the lines around it are read', async () => {
	const line = JSON.stringify(JSON.parse(json));
	const other = JSON.stringify(JSON.parse(second));
	const input = `${line}\n{"id": "half\n\n${'x'.repeat(2 ** 20 + 10)}\n${other}\n`;
	const { code, stdout, stderr } = await site.run('check', '-', '--json', { input });
	assert.equal(code, 3);
	const report = JSON.parse(stdout);
	assert.equal(report.refused, 2, stdout + stderr);
	assert.equal(report.accepted + report.refused, 4);
	assert.match(stdout, /:2\b|"line": 2\b/);
	assert.match(stdout, /:4\b|"line": 4\b/);
});

test('a path that does not exist is an error of the call, not an empty success', async () => {
	const { code, stderr } = await site.run('check', 'documents/no-such-folder');
	assert.ok(code === 1 || code === 3, `${code}`);
	assert.match(stderr, /no-such-folder/);
});

test('edgepress.ini with a key it does not know is refused with its line', async () => {
	const other = await sampleSite({ documents: weather, keys: false });
	writeFileSync(other.path('edgepress.ini'), `${readFileSync(other.path('edgepress.ini'), 'utf8')}\n[origin]\nlisen = 127.0.0.1:1\n`);
	const { code, stderr } = await other.run('check');
	assert.equal(code, 1, stderr);
	assert.match(stderr, /edgepress\.ini:\d+/);
	assert.match(stderr, /lisen/);
	assert.match(stderr, /listen/, 'it says what it might have meant');
});


test('two documents of one name are told even where the policy lets duplicates pass; which one stays is no matter of file names', async () => {
	const titles = ['Flagstaff forecast, once', 'Flagstaff forecast, twice'];
	const stays = [];
	for (const order of [[0, 1], [1, 0]]) {
		const other = await sampleSite({ documents: weather });
		const policy = readFileSync(join(top, 'schemas/weather.ini'), 'utf8').replace('[gates]', '[gates]\nduplicates = off\nfreshness = off');
		mkdirSync(other.path('schemas'), { recursive: true });
		writeFileSync(other.path('schemas/weather.ini'), policy);
		const named = (i) => json.replace(/"title": "[^"]*"/, `"title": "${titles[i]}"`);
		writeFileSync(other.path('documents/weather/en-us/flagstaff.json'), named(order[0]));
		writeFileSync(other.path('documents/weather/en-us/zz-again.json'), named(order[1]));
		const { code, stdout, stderr } = await other.run('render', '--out', 'out');
		assert.equal(code, 3, stderr);
		assert.match(stderr, /\.json:\d+: refused: schema: id: 'flagstaff' is the id of .*\.json as well/);
		assert.match(stdout, /; 1 refused/);
		stays.push(readFileSync(other.path('out/weather/en-us/flagstaff.html'), 'utf8'));
	}
	assert.ok(titles.some((title) => stays[0].includes(title)));
	assert.equal(stays[0], stays[1]);
});
