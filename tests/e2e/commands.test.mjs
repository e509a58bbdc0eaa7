// Every command explains itself, and says what was wrong with a call.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { commandsListed } from './lib/docs.mjs';
import { edit } from './lib/files.mjs';
import { edgepress, run, tempFolder } from './lib/run.mjs';
import { initSite } from './lib/site.mjs';

const commands = commandsListed();
const here = tempFolder();
const call = (...args) => run([edgepress, ...args], { cwd: here });

test('the commands that the documentation lists are the ones that edgepress lists', async () => {
	const { code, stdout } = await call('--help');
	assert.equal(code, 0);
	const shown = stdout.split('\n').map((line) => /^ {2}([a-z]+) {2,}\S/.exec(line)?.[1]).filter(Boolean);
	assert.deepEqual([...shown].sort(), [...commands].sort());
});

for (const command of commands) {
	test(`${command} --help shows an example that works without being in a site`, async () => {
		const { code, stdout, stderr } = await call(command, '--help');
		assert.equal(code, 0, stderr);
		assert.match(stdout, new RegExp(`^edgepress ${command}`));
		const [, example] = stdout.split(/^examples?:\n/m);
		assert.ok(example, 'an example');
		assert.match(example, new RegExp(`edgepress ${command}`));
		assert.match(stdout, /--json/);
		assert.equal(stderr, '');
	});

	test(`${command} with an option that does not exist is wrong use, with a hint`, async () => {
		const { code, stderr, stdout } = await call(command, '--no-such-option');
		assert.equal(code, 2, stderr);
		assert.match(stderr, /--no-such-option/);
		assert.match(stderr, /--help|usage/);
		assert.equal(stdout, '');
	});
}

test('a command that does not exist is wrong use, with a hint at --help', async () => {
	const { code, stderr } = await call('publsh');
	assert.equal(code, 2);
	assert.match(stderr, /publsh/);
	assert.match(stderr, /--help/);
});

test('edgepress without a command is wrong use and shows the commands', async () => {
	const { code, stderr, stdout } = await call();
	assert.equal(code, 2);
	assert.match(stderr + stdout, /publish/);
});

test('--version tells the version', async () => {
	const { code, stdout } = await call('--version');
	assert.equal(code, 0);
	assert.match(stdout, /^edgepress \d+\.\d+\.\d+/);
});

test('outside of a site, commands say that there is no edgepress.ini and what to do', async () => {
	for (const command of ['check', 'publish', 'status', 'history']) {
		const { code, stderr } = await call(command);
		assert.ok(code === 1 || code === 2, `${command}: ${code}`);
		assert.match(stderr, /edgepress\.ini/, command);
	}
});

test('an option without its value, and a version that is none, are wrong use', async () => {
	for (const args of [['rollback', 'local', '--to'], ['rollback', 'local', '--to', 'yesterday'],
		['rollback', 'local'], ['render', '--out'], ['keys'], ['keys', 'frobnicate', 'local']]) {
		const { code, stderr } = await call(...args);
		assert.equal(code, 2, `${args.join(' ')}: ${code} ${stderr}`);
	}
});

let site;
before(async () => { site = await initSite(); });

test('every answer with --json is JSON, and nothing else is on standard output', async () => {
	await site.must('publish');
	await site.serve();
	const calls = [
		['check'], ['render', '--out', 'rendered'], ['publish', '--dry-run'], ['publish'], ['publish'],
		['verify'], ['verify', 'local'], ['verify', site.url], ['status'], ['history'], ['keys', 'list', 'local'],
		['timestamp'], ['timestamp', '--if-due'], ['gc'], ['gc', '--dry-run'], ['fsck'], ['diff'], ['invalidate', 'local'],
	];
	for (const args of calls) {
		const { code, stdout, stderr } = await site.run(...args, '--json');
		assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
		assert.doesNotThrow(() => JSON.parse(stdout), `${args.join(' ')}: ${stdout}`);
	}
	edit(site.path('documents/weather/en-us/seattle-july.xml'), ['What July is like', 'How July is']);
	for (const args of [['publish'], ['rollback', 'local', '--to', '1']]) {
		const { stdout } = await site.must(...args, '--json');
		assert.doesNotThrow(() => JSON.parse(stdout), `${args.join(' ')}: ${stdout}`);
	}
});

test('a refusal with --json is JSON on standard output and exit code 3', async () => {
	edit(site.path('documents/weather/en-us/seattle-july.xml'), ['<p>In the four', '<p>As an AI language model, in the four']);
	const { code, stdout, stderr } = await site.run('check', '--json');
	assert.equal(code, 3);
	assert.match(stderr, /seattle-july\.xml:\d+: refused: model-leftovers/, 'findings stay on standard error');
	const report = JSON.parse(stdout);
	assert.equal(report.refused, 1);
	const refused = report.documents.find((one) => !one.accepted);
	assert.equal(refused.document, 'weather/en-us/seattle-july');
	assert.equal(refused.findings[0].gate, 'model-leftovers');
});

test('a target that the site does not have is named, with those it has', async () => {
	for (const command of ['publish', 'status', 'history', 'timestamp']) {
		const { code, stderr } = await site.run(command, 'prod');
		assert.ok(code === 1 || code === 2, `${command}: ${code}`);
		assert.match(stderr, /prod/);
		assert.match(stderr, /local/, `${command} names the targets there are: ${stderr}`);
	}
});
