// Bundles carried as one file to a place where no network leads, and what hostile files come to.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Editions } from './lib/editions.mjs';
import { digests, list, sha256 } from './lib/files.mjs';
import { run, tempFolder } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';
import { download, makeClient } from './lib/tuf.mjs';

const bundle = 'weather/en-us';
let site, far, folder, file, root, editions;
before(async () => {
	site = await sampleSite({ documents: ['documents/weather/en-us', 'documents/weather/de-de'] });
	editions = new Editions(site);
	await site.must('publish');
	editions.next();
	await site.must('publish');
	far = await sampleSite({ documents: ['documents/weather/en-us'] });
	folder = tempFolder();
	root = join(folder, 'staging.root.json');
	cpSync(site.path('trust/local.root.json'), root);
	file = join(folder, 'site.tar');
});
after(() => far?.stop());

const content = (store) => Object.fromEntries(Object.entries(digests(store)).filter(([path]) => /^(blobs|trees|targets)\//.test(path)));
const importing = (path, ...args) => far.run('import', path, 'local', '--root', root, ...args);

// A member as tar writes it.
function member(name, body, { type = '0', size = body.length, link = '' } = {}) {
	const block = Buffer.alloc(512);
	block.write(name, 0, 100, 'latin1');
	block.write('0000644\x000000000\x000000000\x00', 100, 'latin1');
	block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
	block.write('00000000000\x00        ', 136, 'latin1');
	block.write(type, 156, 'latin1');
	block.write(link, 157, 100, 'latin1');
	block.write('ustar\x0000', 257, 'latin1');
	block.write(`${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return Buffer.concat([block, body, Buffer.alloc((512 - body.length % 512) % 512)]);
}
const end = Buffer.alloc(1024);

// The members of an archive: { name, at (of its header), size }.
function members(bytes) {
	const all = [];
	for (let at = 0; bytes[at]; ) {
		const text = (from, n) => bytes.toString('latin1', at + from, at + from + n).replace(/\0.*$/s, '');
		const size = parseInt(text(124, 12), 8), prefix = text(345, 155);
		all.push({ name: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), at, size });
		at += 512 + Math.ceil(size / 512) * 512;
	}
	return all;
}

test('an export is a plain tar archive of what is live; the same content gives the same bytes', async () => {
	const done = await site.json('export', 'local', '--out', file);
	const { stdout } = await run(['tar', '-tf', file]);
	const names = stdout.trim().split('\n');
	assert.equal(names.length, done.objects);
	assert.equal(names[0], 'edgepress-export.json');
	assert.ok(names.includes('metadata/timestamp.json') && names.includes('metadata/1.root.json'));
	assert.equal(new Set(names).size, names.length);
	await run(['tar', '-xf', file, '-C', (mkdirSync(join(folder, 'x')), join(folder, 'x'))]);
	for (const [path, digest] of Object.entries(digests(join(folder, 'x'))))
		if (path !== names[0])
			assert.equal(digest, sha256(readFileSync(join(site.store, path))), path);
	assert.ok(!names.some((name) => /key|log|receipts/.test(name)));
	const again = join(folder, 'again.tar');
	await site.must('export', 'local', '--out', again);
	assert.ok(readFileSync(again).equals(readFileSync(file)));
	assert.deepEqual(list(folder).filter((path) => path.includes('.tmp')), []);
});

test('a dry run verifies all and writes nothing', async () => {
	const was = digests(far.store);
	const { code, stdout, stderr } = await importing(file, '--dry-run', '--json');
	assert.equal(code, 0, stderr);
	assert.equal(JSON.parse(stdout).bundles.length, 2);
	assert.deepEqual(digests(far.store), was);
});

test('imported, it is live at the other site to the byte, under the keys of that site', async () => {
	const { code, stderr } = await importing(file);
	assert.equal(code, 0, stderr);
	const { manifest } = site.bundle(bundle);
	assert.deepEqual(far.bundle(bundle).bytes, site.bundle(bundle).bytes);
	for (const one of manifest.files)
		assert.equal(sha256(readFileSync(join(far.store, 'blobs', one.sha256.slice(0, 2), one.sha256))), one.sha256);
	await far.serve();
	await far.must('verify', far.url);
	assert.ok((await far.page(`/${bundle}/oakland.html`)).includes(editions.text));
	assert.deepEqual(await download(makeClient(tempFolder(), far.url, far.path('trust/local.root.json')), `${bundle}/bundle.json`), far.bundle(bundle).bytes);
	const { commits } = await far.json('audit', 'local');
	assert.equal(commits.at(-1).kind, 'import');
	const again = await importing(file, '--json');
	assert.equal(JSON.parse(again.stdout).changed, false);
});

test('one bundle, or an earlier version, can be carried alone', async () => {
	const one = join(folder, 'one.tar'), old = join(folder, 'old.tar');
	editions.next();
	await site.must('publish');
	const german = far.bundle('weather/de-de').bytes;
	await site.must('export', 'local', bundle, '--out', one);
	assert.ok(readFileSync(one).length < readFileSync(file).length);
	const done = await importing(one, '--json');
	assert.equal(done.code, 0, done.stderr);
	assert.deepEqual(JSON.parse(done.stdout).bundles.map(({ locale }) => locale), ['en-us']);
	assert.ok((await far.page(`/${bundle}/oakland.html`)).includes(editions.text));
	assert.deepEqual(far.bundle('weather/de-de').bytes, german);
	await site.must('export', 'local', '--version', '1', '--out', old);
	const refused = await importing(old);
	assert.equal(refused.code, 1, 'a head is not signed: anybody could ask for the earlier version');
	assert.match(refused.stderr, /version 1, but \d+ was imported before; --older/);
	const back = await importing(old, '--older');
	assert.equal(back.code, 0, back.stderr);
	assert.ok(!(await far.page(`/${bundle}/oakland.html`)).includes(editions.text));
	await importing(one);
	for (const args of [['--version', '99'], ['weather/xx-xx']])
		assert.equal((await site.run('export', 'local', ...args, '--out', join(folder, 'no.tar'))).code, 1);
	assert.ok(!existsSync(join(folder, 'no.tar')));
});

test('an export that is older than one imported before is refused, unless it is meant', async () => {
	const version = far.version();
	const refused = await importing(file);
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /--older/);
	assert.equal(far.version(), version);
	const seen = readFileSync(join(folder, 'staging.seen.json'), 'utf8');
	assert.equal((await importing(file, '--older')).code, 0);
	assert.equal(readFileSync(join(folder, 'staging.seen.json'), 'utf8'), seen, 'what was seen does not sink');
	assert.equal((await importing(file)).code, 1);
});

test('from another site than the one that is trusted: refused', async () => {
	const result = await far.run('import', file, 'local', '--from', 'local');
	assert.equal(result.code, 1);
	assert.match(result.stderr, /signature|root/);
	for (const args of [[], ['--root', root, '--from', 'local']])
		assert.equal((await far.run('import', file, 'local', ...args)).code, 2);
});

test('what is damaged, incomplete or made to do harm is refused by name, and nothing is written', async () => {
	await site.must('export', 'local', '--out', file);
	const whole = readFileSync(file), all = members(whole), was = digests(far.store);
	const find = (name) => all.find((one) => name.test(one.name));
	const without = ({ at, size }) => Buffer.concat([whole.subarray(0, at), whole.subarray(at + 512 + Math.ceil(size / 512) * 512)]);
	const first = find(/^metadata/).at;
	const adding = (bytes) => Buffer.concat([whole.subarray(0, first), bytes, whole.subarray(first)]);
	const flipped = (at) => {
		const bytes = Buffer.from(whole);
		bytes[at] ^= 1;
		return bytes;
	};
	const text = Buffer.from('x'), blob = find(/^blobs/), shard = find(/^trees/), timestamp = find(/timestamp/);
	const bomb = gzipSync(Buffer.alloc(80 << 20));
	const hostile = [
		['a path that leaves the store', adding(member('../../etc/evil', text)), /no object of an export/],
		['an absolute path', adding(member('/etc/evil', text)), /no object of an export/],
		['a path within a blob folder that leaves it', adding(member(`blobs/../../${sha256(text)}`, text)), /no object of an export/],
		['a link', adding(member('metadata/9.root.json', Buffer.alloc(0), { type: '2', link: '/etc/passwd' })), /no regular file/],
		['a hard link', adding(member('metadata/9.root.json', Buffer.alloc(0), { type: '1', link: 'x' })), /no regular file/],
		['a device', adding(member('metadata/9.root.json', Buffer.alloc(0), { type: '3' })), /no regular file/],
		['a folder', adding(member('metadata/', Buffer.alloc(0), { type: '5' })), /no regular file|no object/],
		['extended headers', adding(member('metadata/9.root.json', text, { type: 'x' })), /no regular file/],
		['a receipt', adding(member('receipts/9.done', text)), /no object of an export/],
		['a size that is not there', adding(member('metadata/9.root.json', text, { size: 2 ** 32 })), /middle of|at most/],
		['a name twice', adding(whole.subarray(blob.at, blob.at + 512 + Math.ceil(blob.size / 512) * 512)), /same name/],
		['a changed blob', flipped(blob.at + 512), /other bytes than its name says/],
		['a changed shard', flipped(shard.at + 512 + 20), /other bytes than its name says/],
		['a changed header', flipped(blob.at + 3), /damaged/],
		['bytes between members', flipped(timestamp.at + 512 + timestamp.size), /between/],
		['a changed timestamp', flipped(timestamp.at + 512 + 200), /./],
		['a missing blob', without(blob), /missing/],
		['a missing shard', without(shard), /not in the archive|missing/],
		['no timestamp', without(timestamp), /timestamp/],
		['cut in a member', whole.subarray(0, blob.at + 600), /ends/],
		['cut at a member', whole.subarray(0, blob.at), /ends/],
		['without its end', whole.subarray(0, whole.length - 1024), /ends/],
		['bytes behind the end', Buffer.concat([whole, Buffer.alloc(512)]), /behind/],
		['a bomb for a shard', adding(member(`trees/${sha256(bomb)}`, bomb)), null],
		['no archive', Buffer.from('hello'), /no file that/],
		['empty', Buffer.alloc(0), /no file that/],
		['nothing but an end', end, /no file that/],
		['a head that lies', Buffer.concat([member('edgepress-export.json', Buffer.from('{"format":1,"version":0,"bundles":["weather/xx-xx"]}')), whole.subarray(first)]), /xx-xx/],
	];
	for (const [what, bytes, why] of hostile) {
		const path = join(folder, 'hostile.tar');
		writeFileSync(path, bytes);
		const { code, stderr } = await importing(path, ...why ? [] : ['--dry-run']);
		// What nobody's signature leads to is never read.
		assert.equal(code, why ? 1 : 0, `${what}: ${stderr}`);
		if (why)
			assert.match(stderr, why, what);
		assert.deepEqual(digests(far.store), was, what);
	}
	const linked = join(folder, 'fifo');
	symlinkSync(file, join(folder, 'linked.tar'));
	assert.equal((await importing(join(folder, 'linked.tar'), '--dry-run')).code, 0, 'a link that the operator has made');
	await run(['mkfifo', linked]);
	const pipe = await importing(linked);
	assert.match(pipe.stderr, /not a regular file/);
	rmSync(linked);
	const end1 = await importing(file);
	assert.equal(end1.code, 0, end1.stderr);
	assert.deepEqual(far.bundle(bundle).bytes, site.bundle(bundle).bytes);
	assert.ok(Object.keys(content(far.store)).length > 100);
});
