// The release pipelines of deploy/pipelines: sound by the linters of their kind, and each step does
// its work: what they run is run here, against a site with a store.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { parse } from 'yaml';
import { edit } from './lib/files.mjs';
import { build, run, tempFolder, top } from './lib/run.mjs';
import { sampleSite } from './lib/site.mjs';

const { validateWorkflow } = createRequire(import.meta.url)('@action-validator/core');
const folder = join(top, 'deploy/pipelines');
const read = (name) => readFileSync(join(folder, name, 'release.yml'), 'utf8');
const kinds = ['github', 'azure', 'gitlab'];

// What the shell of a job runs, by job.
const scripts = {
	github: () => Object.fromEntries(Object.entries(parse(read('github')).jobs).map(([name, { steps }]) =>
		[name, steps.map((step) => step.run).filter(Boolean)])),
	azure: () => Object.fromEntries(parse(read('azure')).stages.map(({ stage, jobs: [job] }) => [stage,
		(job.steps ?? job.strategy.runOnce.deploy.steps).map((step) => step.script ?? step.inputs?.inlineScript).filter(Boolean)])),
	gitlab: () => {
		const all = parse(read('gitlab'));
		return Object.fromEntries(all.stages.map((name) => [name, [...all.default.before_script, ...all[name].script]]));
	},
};

let site, bin, tokens, asked;

before(async () => {
	tokens = createServer((rq, rs) => {
		asked = { url: rq.url, authorization: rq.headers.authorization };
		rs.end('{"count":1,"value":"a.b.c"}');
	});
	await new Promise((done) => tokens.listen(0, '127.0.0.1', done));
	bin = tempFolder();
	// edgepress as installed; `failures` holds the exit codes of the next publishes
	writeFileSync(join(bin, 'edgepress'), `#!/bin/sh
case "$*" in *--dry-run*) ;; publish*) code=$(head -n1 "$0.failures" 2>/dev/null) && [ -n "$code" ] && sed -i 1d "$0.failures" && exit "$code" ;; esac
env | grep -E '^(AZURE_FEDERATED_TOKEN_FILE|AWS_WEB_IDENTITY_TOKEN_FILE)=' >"$0.env"
exec ${join(build, 'edgepress')} "$@"
`);
	writeFileSync(join(bin, 'gh'), `#!/bin/sh
[ "$*" = "pr comment 7 --edit-last --body-file plan/plan.md" ] && exit 1
echo "$*" >"$0.called"
`);
	for (const name of ['edgepress', 'gh'])
		chmodSync(join(bin, name), 0o755);
	site = await sampleSite({ documents: ['documents/weather/en-us'] });
	mkdirSync(site.path('ci'));
	copyFileSync(join(folder, 'release'), site.path('ci/release'));
	chmodSync(site.path('ci/release'), 0o755);
});
after(() => tokens.close());
beforeEach(() => {
	for (const path of [site.path('plan'), site.path('.edgepress/edgepress-token'), join(bin, 'edgepress.failures')])
		rmSync(path, { recursive: true, force: true });
});

// The environment that the pipelines' own machinery makes.
function world(kind) {
	const temp = mkdtempSync(join(bin, 'temp-'));
	const all = { PATH: `${bin}:${process.env.PATH}`, EDGEPRESS_SHARE: top, EDGEPRESS_TARGET: 'local', EDGEPRESS_PAUSE: '0', EDGEPRESS_NOTE: kind };
	return { ...all, ...{
		github: { GITHUB_ACTIONS: 'true', RUNNER_TEMP: temp, GITHUB_STEP_SUMMARY: join(temp, 'summary'), AUDIENCE: 'api://AzureADTokenExchange',
			ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${tokens.address().port}/?v=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret', PULL_REQUEST: '7', GH_TOKEN: 'x' },
		azure: { TF_BUILD: 'True', AGENT_TEMPDIRECTORY: temp, PIPELINE_WORKSPACE: site.dir, idToken: 'a.b.c', servicePrincipalId: 'id', tenantId: 'tenant' },
		gitlab: { GITLAB_CI: 'true', EDGEPRESS_ID_TOKEN: 'a.b.c' },
	}[kind] };
}

// Run the steps of a job as its runner does; the answer is that of the first that fails, or of all.
async function job(kind, name, env = {}) {
	const said = { code: 0, text: '' }, all = { ...world(kind), ...env };
	for (const script of scripts[kind]()[name]) {
		const text = kind === 'azure' ? script.replace(/^ln .*\n/, '') : script; // here the artefact is where it was made
		const { code, stdout, stderr } = await run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', text], { cwd: site.dir, env: all });
		said.text += stdout + stderr;
		if (code !== 0)
			return { ...said, code };
	}
	return said;
}

const change = (n) => edit(site.path('documents/weather/en-us/oakland.xml'), [/<title>[^<]*/.exec(readFileSync(site.path('documents/weather/en-us/oakland.xml'), 'utf8'))[0], `<title>Oakland forecast ${n}`]);

test('yamllint and shellcheck have nothing to say', async () => {
	for (const argv of [['yamllint', '-s', '-c', join(folder, '.yamllint'), folder], ['shellcheck', join(folder, 'release')]]) {
		const { code, stdout } = await run(argv);
		assert.equal(code, 0, stdout);
	}
});

test('GitHub\'s workflow is valid by its schema, and takes no action but by its commit', () => {
	assert.deepEqual(validateWorkflow(read('github')).errors, []);
	assert.notDeepEqual(validateWorkflow(read('github').replace('runs-on:', 'run-on:')).errors, []);
	for (const [, version] of read('github').matchAll(/uses: \S+@(\S+)/g))
		assert.match(version, /^[0-9a-f]{40}$/);
});

test('GitLab\'s pipeline is valid by its schema, and has its jobs where they belong', async () => {
	const lint = async (text, ...variables) => {
		const cwd = tempFolder();
		writeFileSync(join(cwd, '.gitlab-ci.yml'), text);
		await run(['git', 'init', '-q', '-b', 'main'], { cwd });
		await run(['git', 'remote', 'add', 'origin', 'git@gitlab.example.com:group/site.git'], { cwd });
		await run(['git', '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-q', '--allow-empty', '-m', 'a'], { cwd });
		return run([process.execPath, join(top, 'tests/node_modules/gitlab-ci-local/src/index.js'), '--list-csv',
			...variables.flatMap((v) => ['--variable', v])], { cwd, env: { HOME: cwd } });
	};
	const good = await lint(read('gitlab'));
	assert.equal(good.code, 0, good.stderr + good.stdout);
	assert.deepEqual(good.stdout.split('\n').slice(1).map((line) => line.split(';')[0]).filter(Boolean).sort(), ['plan', 'publish']);
	const bad = await lint(read('gitlab').replace('when: manual', 'when: sometimes'));
	assert.notEqual(bad.code, 0);
});

test('Azure\'s pipeline has a plan before an approval before a publish, by workload identity', () => {
	const { stages, schedules } = parse(read('azure'));
	const [plan, publish, renew] = stages;
	assert.deepEqual([plan.stage, publish.stage, publish.dependsOn, renew.dependsOn], ['plan', 'publish', 'plan', []]);
	assert.equal(publish.jobs[0].environment, 'production');
	assert.equal(schedules[0].always, true);
	for (const { jobs: [{ steps, strategy }] } of stages)
		assert.ok((steps ?? strategy.runOnce.deploy.steps).find(({ task }) => task === 'AzureCLI@2').inputs.addSpnToEnvironment);
});

for (const [i, kind] of kinds.entries())
	test(`${kind}: plan, publish what was planned, nothing left to renew`, async () => {
		change(`by ${kind}`);
		const plan = await job(kind, 'plan');
		assert.equal(plan.code, 0, plan.text);
		assert.match(readFileSync(site.path('plan/plan.md'), 'utf8'), /Plan for local[\s\S]*weather\/en-us/);
		assert.equal(JSON.parse(readFileSync(site.path('plan/plan.json'), 'utf8')).dry_run, true);
		const done = await job(kind, 'publish');
		assert.equal(done.code, 0, done.text);
		assert.equal(site.version(), i + 1, plan.text + done.text);
		assert.equal((await site.json('history', 'local'))[0]?.note ?? kind, kind);
		assert.match(readFileSync(join(bin, 'edgepress.env'), 'utf8'), /AZURE_FEDERATED_TOKEN_FILE=.*\nAWS_WEB_IDENTITY_TOKEN_FILE=|AWS_WEB_IDENTITY_TOKEN_FILE=.*\nAZURE_FEDERATED_TOKEN_FILE=/);
		const renewal = await job(kind, 'renew');
		assert.equal(renewal.code, 0, renewal.text);
	});

test('GitHub is asked for a token for the right audience, and the plan becomes a comment', () => {
	assert.deepEqual(asked, { url: '/?v=1&audience=api://AzureADTokenExchange', authorization: 'bearer secret' });
	assert.match(readFileSync(join(bin, 'gh.called'), 'utf8'), /pr comment 7 --body-file plan\/plan.md/);
});

test('what was not reviewed is not published', async () => {
	change('reviewed');
	assert.equal((await job('gitlab', 'plan')).code, 0);
	change('slipped in');
	const { code, text } = await job('gitlab', 'publish');
	assert.equal(code, 1);
	assert.match(text, /not the one that was reviewed/);
	assert.equal(site.version(), kinds.length);
});

test('a lost race, a busy store and an edge that has not confirmed are tried again', async () => {
	change('again');
	await job('gitlab', 'plan');
	writeFileSync(join(bin, 'edgepress.failures'), '4\n75\n6\n');
	const { code, text } = await job('gitlab', 'publish');
	assert.equal(code, 0, text);
	assert.match(text, /exit code 75: try 2 of 5/);
	assert.equal(site.version(), kinds.length + 1);
});

test('each exit code that stops a release says what to do', async () => {
	await job('github', 'plan');
	for (const [codes, wanted, words] of [['3\n', 3, /::error::refused by gates/], ['5\n', 5, /ALLOW_LARGE_CHANGE/], ['75\n'.repeat(5), 75, /run it again later/],
		['6\n'.repeat(5), 6, /an edge has not confirmed/], ['4\n'.repeat(5), 4, /lost to other publishers/]]) {
		writeFileSync(join(bin, 'edgepress.failures'), codes);
		const { code, text } = await job('github', 'publish');
		assert.equal(code, wanted, text);
		assert.match(text, words);
	}
});

test('a refused document fails a pull request, and only warns on the way to a publish', async () => {
	const path = site.path('documents/weather/en-us/oakland.xml');
	const whole = readFileSync(path, 'utf8');
	writeFileSync(path, whole.replace(/<id>[^<]*/, '<id>'));
	const strict = await job('azure', 'plan', { EDGEPRESS_STRICT: '1' });
	assert.equal(strict.code, 3);
	assert.match(strict.text, /##vso\[task.logissue type=error\]refused/);
	const loose = await job('azure', 'plan');
	writeFileSync(path, whole);
	assert.equal(loose.code, 0, loose.text);
	assert.match(loose.text, /type=warning\]documents were refused/);
	assert.ok(existsSync(site.path('plan/plan.json')));
});
