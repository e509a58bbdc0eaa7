// The cases of the public tuf-conformance suite, by its names, written anew: a simulated repository
// against our trust code behind that suite's command line (tests/tools/tuf-conformance-client.c).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { build } from './lib/run.mjs';
import { Client, Repository, Signer, days, newSigner, quote } from './lib/tuf-repository.mjs';

// Most of a case is waiting for the client.
const cases = [];
const test = (name, run) => cases.push([name, run]);

const program = join(build, 'tuf-conformance-client');
const top = ['targets', 'snapshot', 'timestamp'];
const sorted = (o) => Object.fromEntries(Object.entries(o).sort());

async function begin({ repo = new Repository(), init = true } = {}) {
	const client = await Client.make(program, repo);
	if (init)
		assert.equal(await client.init(repo.files.root[0]), 0, client.said);
	return { repo, client };
}
const accepts = async (client, options) => assert.equal(await client.refresh(options), 0, client.said);
const refuses = async (client, options) => assert.equal(await client.refresh(options), 1, 'it should have been refused');
const trusts = (client, versions) => assert.deepEqual(client.trusted(), sorted(versions));

test('test_basic_refresh_requests', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	assert.deepEqual(repo.metadataAsked, ['root 2', 'timestamp', 'snapshot 1', 'targets 1']);
});

test('test_basic_refresh_trusted_data', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	for (const role of ['root', ...top])
		assert.deepEqual(client.file(role), repo.last(role), role);
});

test('test_implicit_refresh', async () => {
	const { repo, client } = await begin();
	assert.equal(await client.download('nonexistent artifact'), 1);
	assert.deepEqual(repo.metadataAsked, ['root 2', 'timestamp', 'snapshot 1', 'targets 1']);
	trusts(client, { root: 1, snapshot: 1, targets: 1, timestamp: 1 });
});

for (const [name, spoil] of [
	['test_invalid_initial_root', (root) => { delete root.signed.version; }],
	['test_unsigned_initial_root', (root) => { root.signatures[0].sig = newSigner('ed25519/ed25519').sign('something else'); }],
])
	test(name, async () => {
		const { repo, client } = await begin({ init: false });
		const root = JSON.parse(repo.files.root[0]);
		spoil(root);
		await client.init(JSON.stringify(root));
		await refuses(client);
		assert.deepEqual(repo.metadataAsked, []);
	});

for (const [role, left] of [['root', { root: 1 }], ['timestamp', { root: 2 }], ['snapshot', { root: 2, timestamp: 2 }], ['targets', { root: 2, snapshot: 2, timestamp: 2 }]])
	test(`test_unsigned_metadata[${role}]`, async () => {
		const { repo, client } = await begin();
		repo.signers[role].pop();
		repo.publish('root', ...top);
		await refuses(client);
		trusts(client, left);
	});

for (const [role, left] of [['root', { root: 1 }], ['snapshot', { root: 2, timestamp: 2 }], ['targets', { root: 2, snapshot: 2, timestamp: 2 }]])
	test(`test_url_and_metadata_version_mismatch[${role}]`, async () => {
		const { repo, client } = await begin();
		repo.signed[role].version++;
		repo.publish('root', ...top); // version 3 in 2.ROLE.json
		if (role !== 'root') {
			// what speaks of it still says 2, which is where the client looks
			const [above, file] = role === 'snapshot' ? ['timestamp', 'snapshot.json'] : ['snapshot', 'targets.json'];
			repo.signed[above].meta[file].version = 2;
			repo.files[above].pop();
			repo.signed[above].version--;
			repo.publish(above);
			if (above === 'snapshot') {
				repo.files.timestamp.pop();
				repo.timestamp.version--;
				repo.publish('timestamp');
			}
		}
		await refuses(client);
		trusts(client, left);
	});

test('test_timestamp_content_changes', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	repo.timestamp.meta['snapshot.json'].version = 100;
	delete repo.files.timestamp;
	repo.publish('timestamp'); // version 1 again
	await accepts(client);
	assert.equal(repo.metadataAsked.at(-1), 'timestamp');
	assert.equal(JSON.parse(client.file('timestamp')).signed.meta['snapshot.json'].version, 1);
});

test('test_basic_metadata_hash_support', async () => {
	const { repo, client } = await begin();
	repo.withHashes = true;
	repo.publish(...top);
	await accepts(client);
});

for (const role of ['targets', 'snapshot'])
	test(`test_${role}_hash_mismatch`, async () => {
		const { repo, client } = await begin();
		repo.withHashes = true;
		repo.publish(...top);
		await accepts(client);
		repo.publish(role);
		repo.signed[role === 'targets' ? 'snapshot' : 'timestamp'].meta[`${role}.json`].hashes.sha256 = '0'.repeat(64);
		repo.publish(...top.slice(top.indexOf(role) + 1));
		await refuses(client);
		assert.equal(client.trusted().timestamp, 3);
		assert.equal(client.trusted().snapshot, role === 'targets' ? 3 : 2);
		assert.equal(client.trusted().targets, 2);
	});

test('test_metadata_bytes_match', async () => {
	const { repo, client } = await begin();
	repo.files.timestamp[0] = Buffer.concat([repo.files.timestamp[0], Buffer.from(' ')]);
	await accepts(client);
	assert.deepEqual(client.file('timestamp'), repo.files.timestamp[0]);
});

test('test_custom_fields', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	const signer = newSigner();
	signer.key['extra-field'] = { a: 1, b: 2 };
	repo.root['custom-field'] = 'value';
	repo.addKey('root', 'root', signer);
	repo.root.roles.root['another-field'] = 'value';
	repo.publish('root');
	await accepts(client);
	assert.equal(client.trusted().root, 2);
});

test('test_deprecated_keyid_hash_algorithms', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	repo.root.roles.snapshot.keyids = [];
	repo.signers.snapshot = [];
	const signer = newSigner();
	signer.key.keyid_hash_algorithms = 'md5';
	repo.addKey('snapshot', 'root', signer);
	repo.publish('root', 'snapshot', 'timestamp');
	await accepts(client);
	assert.equal(client.trusted().root, 2);
	assert.equal(client.trusted().snapshot, 2);
});

test('test_snapshot_404', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	repo.timestamp.meta['snapshot.json'].version++;
	repo.publish('timestamp');
	await refuses(client);
	assert.equal(repo.metadataAsked.at(-1), 'snapshot 2');
	trusts(client, { root: 1, snapshot: 1, targets: 1, timestamp: 2 });
});

test('test_targets_404', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	repo.snapshot.meta['targets.json'].version++;
	repo.publish('snapshot', 'timestamp');
	await refuses(client);
	assert.equal(repo.metadataAsked.at(-1), 'targets 2');
	trusts(client, { root: 1, snapshot: 2, targets: 1, timestamp: 2 });
});

test('test_timestamp_404', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	delete repo.files.timestamp;
	await refuses(client);
	assert.equal(repo.metadataAsked.at(-1), 'timestamp');
});

test('test_incorrect_metadata_type', async () => {
	const { repo, client } = await begin();
	repo.addKey('snapshot', 'root', repo.signers.timestamp[0]);
	repo.snapshot.meta = { 'snapshot.json': { version: 1 } };
	repo.publish('root', 'snapshot');
	repo.files.timestamp.push(repo.files.snapshot.pop());
	await refuses(client);
	trusts(client, { root: 2 });
});

test('test_faketime', async () => {
	const { repo, client } = await begin();
	repo.root.expires = days(7);
	repo.publish('root');
	await accepts(client);
	await refuses(client, { time: Date.now() + 8 * 86400e3 });
});

test('test_root_expired', async () => {
	const { repo, client } = await begin();
	await accepts(client);
	repo.publish('root');
	await accepts(client);
	repo.root.expires = days(-1);
	repo.publish('root', ...top);
	await refuses(client);
	trusts(client, { root: 3, timestamp: 1, snapshot: 1, targets: 1 });
});

for (const [role, left] of [['timestamp', { timestamp: 1, snapshot: 1 }], ['snapshot', { timestamp: 2, snapshot: 1 }], ['targets', { timestamp: 2, snapshot: 2 }]])
	test(`test_${role}_expired`, async () => {
		const { repo, client } = await begin();
		await accepts(client);
		repo.signed[role].expires = days(-5);
		repo.publish(...top.slice(top.indexOf(role)));
		await refuses(client);
		trusts(client, { root: 1, targets: 1, ...left });
	});

test('test_expired_local_root', async () => {
	const { repo, client } = await begin();
	repo.root.expires = days(7);
	repo.publish('root');
	await accepts(client);
	repo.root.expires = days(21);
	repo.publish('root');
	await accepts(client, { time: Date.now() + 18 * 86400e3 });
	assert.equal(client.trusted().root, 3);
});

test('test_expired_local_timestamp', async () => {
	const { repo, client } = await begin();
	repo.timestamp.expires = days(7);
	repo.publish('timestamp');
	await accepts(client);
	repo.timestamp.expires = days(21);
	repo.publish(...top);
	await accepts(client, { time: Date.now() + 18 * 86400e3 });
	trusts(client, { root: 1, snapshot: 2, targets: 2, timestamp: 3 });
});

for (const [name, path] of [['test_client_downloads_expected_file', 'target_file.txt'], ['test_client_downloads_expected_file_in_sub_dir', 'path/to/a/target_file.txt']])
	test(name, async () => {
		const { repo, client } = await begin();
		repo.addArtifact('targets', path, 'target file contents');
		repo.publish(...top);
		await accepts(client);
		assert.deepEqual(client.downloaded(), []);
		assert.equal(await client.download(path), 0, client.said);
		assert.deepEqual(client.downloaded(), ['target file contents']);
	});

test('test_repository_substitutes_target_file', async () => {
	const { repo, client } = await begin();
	repo.addArtifact('targets', 'a.txt', 'target file contents');
	repo.addArtifact('targets', 'b.txt', 'content');
	repo.publish(...top);
	assert.equal(await client.download('a.txt'), 0, client.said);
	for (const path of ['a.txt', 'b.txt'])
		repo.artifacts[path] = Buffer.from('malicious data');
	await client.download('a.txt');
	assert.deepEqual(client.downloaded(), ['target file contents']);
	assert.equal(await client.download('b.txt'), 1);
	assert.deepEqual(client.downloaded(), ['target file contents']);
});

test('test_multiple_changes_to_target', async () => {
	const { repo, client } = await begin();
	const want = { 'target.txt': 'first' };
	repo.addArtifact('targets', 'target.txt', 'first');
	repo.publish(...top);
	assert.equal(await client.download('target.txt'), 0, client.said);
	for (let i = 0; i <= 10; i++) {
		repo.addArtifact('targets', 'target.txt', `modified ${i}`);
		repo.addArtifact('targets', `new-${i}`, `new ${i}`);
		repo.publish(...top);
		if (i % 5)
			continue; // the client sees every fifth version only
		for (const path of ['target.txt', `new-${i}`]) {
			assert.equal(await client.download(path), 0, client.said);
			want[path] = repo.artifacts[path].toString();
			assert.deepEqual(client.downloaded().sort(), Object.values(want).sort());
		}
		repo.artifacts['target.txt'] = Buffer.from(`malicious ${i}`);
		repo.publish(...top);
		await client.download('target.txt');
		assert.deepEqual(client.downloaded().sort(), Object.values(want).sort());
	}
});

for (const hashes of [['sha256'], ['sha512'], ['sha256', 'sha512']])
	test(`test_download_with_hash_algorithms[${hashes}]`, async () => {
		const { repo, client } = await begin();
		repo.addArtifact('targets', 'target_file.txt', 'target file contents', hashes);
		repo.publish(...top);
		assert.equal(await client.download('target_file.txt'), 0, client.said);
		assert.deepEqual(repo.artifactsAsked, ['target_file.txt']);
		assert.deepEqual(client.downloaded(), ['target file contents']);
	});

test('test_download_with_unknown_hash_algorithm', async () => {
	const { repo, client } = await begin();
	repo.addArtifact('targets', 'target_file.txt', 'target file contents', ['sha512']);
	const { hashes } = repo.targets.targets['target_file.txt'];
	hashes['unknown-hash'] = hashes.sha512;
	delete hashes.sha512;
	repo.publish(...top);
	assert.equal(await client.download('target_file.txt'), 1);
	assert.deepEqual(client.downloaded(), []);
});

test('test_artifact_cache', async () => {
	const { repo, client } = await begin();
	repo.addArtifact('targets', 'target_file.txt', 'target file contents');
	repo.publish(...top);
	assert.equal(await client.download('target_file.txt'), 0, client.said);
	assert.equal(await client.download('target_file.txt'), 0, client.said);
	assert.equal(repo.artifactsAsked.length, 1);
});

test('test_snapshot_does_not_meet_threshold', async () => {
	const { repo, client } = await begin();
	repo.root.roles.snapshot.threshold = 3;
	repo.addKey('snapshot');
	repo.addKey('snapshot');
	repo.publish('root', ...top);
	await accepts(client);
	repo.signers.snapshot.pop();
	repo.publish(...top);
	await refuses(client);
	assert.equal(client.trusted().snapshot, 2);
});

test('test_snapshot_has_too_few_keys', async () => {
	const { repo, client } = await begin();
	for (let i = 0; i < 4; i++)
		repo.addKey('snapshot');
	repo.root.roles.snapshot.threshold = 6;
	repo.publish('root', 'snapshot', 'timestamp');
	await refuses(client);
	trusts(client, { root: 2, timestamp: 2 });
});

test('test_duplicate_keys', async () => {
	const { repo, client } = await begin();
	const signer = repo.addKey('snapshot');
	repo.root.roles.snapshot.threshold = 6;
	repo.publish('root', 'snapshot', 'timestamp');
	repo.alter('snapshot', ({ signatures }) => {
		const own = signatures.find(({ keyid }) => keyid === signer.id);
		for (let i = 0; i < 8; i++)
			signatures.push(own);
	});
	await refuses(client);
	assert.equal(client.trusted().snapshot, undefined);
});

test('test_duplicate_sig_keyids', async () => {
	const { repo, client } = await begin();
	repo.alter('snapshot', ({ signatures }) => { signatures.push(signatures[0]); });
	await refuses(client);
	assert.equal(client.trusted().snapshot, undefined);
});

for (const kind of ['rsa/rsassa-pss-sha256', 'ecdsa/ecdsa-sha2-nistp256', 'ed25519/ed25519'])
	test(`test_keytype_and_scheme[${kind}]`, async () => {
		const { repo, client } = await begin();
		const signer = repo.addKey('root', 'root', new Signer(kind));
		repo.root.roles.root.threshold++;
		repo.publish('root');
		await accepts(client);
		assert.equal(client.trusted().root, 2);
		repo.publish('root');
		repo.alter('root', ({ signatures }) => {
			signatures.find(({ keyid }) => keyid === signer.id).sig = signer.sign('something else');
		});
		await refuses(client);
		assert.equal(client.trusted().root, 2);
	});

test('test_invalid_sig_in_valid_metadata', async () => {
	const { repo, client } = await begin();
	const [old] = JSON.parse(repo.last('timestamp')).signatures;
	repo.addKey('timestamp');
	repo.publish('root', 'timestamp');
	const spoil = (sig) => ({ signatures }) => {
		signatures.find(({ keyid }) => keyid === old.keyid).sig = sig;
	};
	repo.alter('timestamp', spoil(old.sig));
	await accepts(client);
	repo.publish('timestamp');
	repo.alter('timestamp', spoil(''));
	await accepts(client);
});

for (const role of ['?', '#', '/delegatedrole', '../delegatedrole'])
	test(`test_unusual_role_name[${role}]`, async () => {
		const { repo, client } = await begin();
		repo.addDelegation('targets', role);
		repo.publish(role, ...top);
		assert.equal(await client.download('nonexistent target'), 1);
		assert.ok(repo.metadataAsked.includes(`${quote(role)} 1`), String(repo.metadataAsked));
		assert.equal(Object.keys(client.trusted()).length, 5);
	});

test('test_new_timestamp_version_rollback', async () => {
	const { repo, client } = await begin();
	repo.publish('timestamp');
	await accepts(client);
	delete repo.files.timestamp;
	repo.timestamp.version = 1;
	repo.publish('timestamp');
	await refuses(client);
	assert.equal(client.trusted().timestamp, 2);
	assert.equal(repo.metadataAsked.at(-1), 'timestamp');
});

for (const [id, hashes] of [['basic', false], ['with hashes', true]]) {
	test(`test_snapshot_rollback[${id}]`, async () => {
		const { repo, client } = await begin();
		repo.withHashes = hashes;
		repo.publish('snapshot', 'timestamp');
		await accepts(client);
		delete repo.files.snapshot;
		repo.snapshot.version = 1;
		repo.publish('snapshot', 'timestamp');
		await refuses(client);
		assert.equal(client.trusted().timestamp, 2);
		assert.equal(client.trusted().snapshot, 2);
		assert.equal(repo.metadataAsked.at(-1), 'timestamp');
	});

	test(`test_targets_rollback[${id}]`, async () => {
		const { repo, client } = await begin();
		repo.withHashes = hashes;
		repo.publish(...top);
		await accepts(client);
		delete repo.files.targets;
		repo.targets.version = 1;
		repo.publish(...top);
		await refuses(client);
		assert.equal(client.trusted().snapshot, 2);
		assert.equal(client.trusted().targets, 2);
	});
}

test('test_targets_role_removal', async () => {
	const { repo, client } = await begin();
	repo.addDelegation('targets', 'delegated', { paths: ['delegatedpath/*'] });
	repo.publish('delegated', ...top);
	await accepts(client);
	delete repo.snapshot.meta['delegated.json'];
	repo.publish('snapshot', 'timestamp');
	await refuses(client);
	assert.equal(client.trusted().snapshot, 2);
});

test('test_targets_fast_forward_recovery', async () => {
	const { repo, client } = await begin();
	repo.addDelegation('targets', 'delegated', { paths: ['delegatedpath/*'] });
	repo.publish('delegated', ...Array(99).fill('targets'), 'snapshot', 'timestamp');
	await accepts(client);
	assert.equal(client.trusted().targets, 100);
	repo.rotate('snapshot');
	delete repo.files.targets;
	repo.targets.version = 1;
	delete repo.snapshot.meta['delegated.json'];
	repo.publish('root', ...top);
	await accepts(client);
	assert.equal(client.trusted().targets, 1);
});

test('test_new_snapshot_fast_forward_recovery', async () => {
	const { repo, client } = await begin();
	repo.publish(...Array(99).fill('snapshot'), 'timestamp');
	await accepts(client);
	assert.equal(client.trusted().snapshot, 100);
	repo.rotate('snapshot');
	repo.rotate('timestamp');
	delete repo.files.snapshot;
	repo.snapshot.version = 1;
	repo.publish('root', ...top);
	await accepts(client);
	assert.equal(client.trusted().snapshot, 1);
});

test('test_new_timestamp_fast_forward_recovery', async () => {
	const { repo, client } = await begin();
	repo.publish(...Array(99).fill('timestamp'));
	await accepts(client);
	assert.equal(client.trusted().timestamp, 100);
	repo.rotate('timestamp');
	delete repo.files.timestamp;
	repo.timestamp.version = 1;
	repo.publish('root', 'timestamp');
	await accepts(client);
	assert.equal(client.trusted().timestamp, 1);
});

// Delegations as "delegator>role", "!" when terminating, ":pattern" when not "*"; and the order in
// which roles are asked for.
const graphs = {
	'basic-delegation': ['targets>A', 'A'],
	'single-level-delegations': ['targets>A targets>B', 'A B'],
	'two-level-delegations': ['targets>A targets>B B>C', 'A B C'],
	'two-level-test-DFS-order-of-traversal': ['targets>A targets>B A>C A>D', 'A C D B'],
	'three-level-delegation-test-DFS-order-of-traversal': ['targets>A targets>B A>C C>D', 'A C D B'],
	'two-level-terminating-ignores-all-but-roles-descendants': ['targets>A targets>B A>C! A>D', 'A C'],
	'three-level-terminating-ignores-all-but-roles-descendants': ['targets>A targets>B A>C! C>D', 'A C D'],
	'two-level-ignores-all-branches-not-matching-paths': ['targets>A:*.py targets>B A>C', 'B'],
	'three-level-ignores-all-branches-not-matching-paths': ['targets>A targets>B A>C:*.py C>D', 'A B'],
	'cyclic-graph': ['targets>A targets>B B>C C>D D>B', 'A B C D'],
	'two-roles-delegating-to-a-third': ['targets>A targets>B B>C A>C', 'A C B'],
	'two-roles-delegating-to-a-third-different-paths': ['targets>A targets>B B>C A>C:*.py', 'A B C'],
};
function addGraph(repo, text) {
	const changed = new Set();
	for (const edge of text.split(' ')) {
		const [, delegator, role, terminating, paths] = /^(\w+)>(\w+)(!?)(?::(.*))?$/.exec(edge);
		repo.addDelegation(delegator, role, { terminating: terminating === '!', paths: (paths ?? '*').split('|') });
		changed.add(delegator).add(role);
	}
	return () => repo.publish(...changed, 'snapshot', 'timestamp');
}
for (const [id, [graph, order]] of Object.entries(graphs))
	test(`test_graph_traversal[${id}]`, async () => {
		const { repo, client } = await begin();
		addGraph(repo, graph)();
		assert.equal(await client.download('missingpath'), 1);
		assert.deepEqual(repo.metadataAsked.slice(4), order.split(' ').map((role) => `${role} 1`));
	});

const tree = 'targets>A:*.doc|*.md|foo-?.tgz targets>B:releases/*/* B>C:releases/x/* B>D:releases/y/*.zip';
const files = [['targets', 'targetfile'], ['A', 'README.md'], ['A', 'releases/README.md'], ['A', 'foo-1.tgz'], ['A', 'foo-alpha.tgz'],
	['C', 'releases/x/x_v1'], ['D', 'releases/y/y_v1.zip'], ['D', 'releases/z/z_v1.zip']];
for (const [id, path, found, order] of [
	['no delegations', 'targetfile', true, ''],
	['targetpath matches wildcard', 'README.md', true, 'A'],
	['targetpath with separators x', 'releases/x/x_v1', true, 'B C'],
	['targetpath with separators y', 'releases/y/y_v1.zip', true, 'B D'],
	['targetpath is not delegated by all roles in the chain', 'releases/z/z_v1.zip', false, 'B'],
	['wildcard does not match path separator', 'releases/README.md', false, ''],
	['targetpath matches question mark wildcard', 'foo-1.tgz', true, 'A'],
	['targetpath does not match question mark wildcard', 'foo-alpha.tgz', false, ''],
	['targetpath matching is case sensitive', 'README.MD', false, ''],
])
	test(`test_targetfile_search[${id}]`, async () => {
		const { repo, client } = await begin();
		const publish = addGraph(repo, tree);
		for (const [role, name] of files)
			repo.addArtifact(role, name, `${name} by ${role}`);
		publish();
		assert.equal(await client.download(path), found ? 0 : 1, client.said);
		if (found)
			assert.deepEqual(client.downloaded(), [repo.artifacts[path].toString()]);
		assert.deepEqual(repo.metadataAsked.slice(4), order.split(' ').filter(Boolean).map((role) => `${role} 1`));
	});

test('test_cached_role_is_verified_against_current_delegator', async () => {
	const { repo, client } = await begin();
	for (const team of ['a', 'b'])
		repo.addDelegation('targets', `parent-${team}`, { paths: [`team-${team}/*`] });
	for (const team of ['a', 'b'])
		repo.addDelegation(`parent-${team}`, 'release', { paths: [`team-${team}/*`] });
	repo.signers.release.pop(); // by the key that parent-a names only
	repo.addArtifact('release', 'team-a/root.json', 'trusted A');
	repo.addArtifact('release', 'team-b/root.json', 'malicious B');
	repo.publish('release', 'parent-a', 'parent-b', ...top);
	assert.equal(await client.download(['team-a/root.json', 'team-b/root.json']), 1);
	assert.deepEqual(client.downloaded(), ['trusted A']);
});

test('test_delegation_not_in_snapshot', async () => {
	const { repo, client } = await begin();
	repo.addDelegation('targets', 'delegated', { paths: ['delegatedpath/*'] });
	repo.publish('delegated', 'targets');
	delete repo.snapshot.meta['delegated.json'];
	repo.publish('snapshot', 'timestamp');
	await accepts(client);
	repo.metadataAsked.length = 0;
	assert.equal(await client.download('delegatedpath/foo'), 1);
	assert.equal(client.trusted().delegated, undefined);
	assert.deepEqual(repo.metadataAsked, ['root 2', 'timestamp']);
});

// Versions of root as "keys/threshold/signatures"; the last one may be refused.
const rootRotations = {
	'1-of-1-key-rotation': ['1/1/1 2/1/21 2/1/2', true],
	'1-of-1-key-rotation-unused-signatures': ['1/1/314 2/1/3214 2/1/324', true],
	'3-of-5-sign-with-different-keycombos': ['01234/3/024 01234/3/041 01234/3/013 01234/3/013', true],
	'3-of-5-one-key-rotated': ['01234/3/024 01345/3/041', true],
	'3-of-5-one-key-rotated-with-intermediate-step': ['01234/3/024 01345/3/0245 01345/3/045', true],
	'3-of-5-all-keys-rotated-with-intermediate-step': ['01234/3/024 56789/3/024567 56789/3/567', true],
	'1-of-3-threshold-increase-to-2-of-3': ['123/1/1 123/2/12', true],
	'2-of-3-threshold-decrease-to-1-of-3': ['123/2/12 123/1/12 123/1/1', true],
	'1-of-2-threshold-increase-to-2-of-2': ['1/1/1 12/2/12', true],
	'1-of-1-key-rotation-fail-not-signed-with-old-key': ['1/1/1 2/1/234', false],
	'1-of-1-key-rotation-fail-not-signed-with-new-key': ['1/1/1 2/1/134', false],
	'3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys': ['01234/3/024 01345/3/024', false],
	'3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys': ['01234/3/024 01345/3/045', false],
	'1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached': ['123/1/1 123/2/2', false],
	'2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-eached': ['123/2/12 123/1/1', false],
};
const tenSigners = Array.from({ length: 10 }, () => newSigner());
function useKeys(repo, role, version) {
	const [keys, threshold, signatures] = version.split('/');
	repo.root.roles[role] = { keyids: [...keys].map((i) => tenSigners[i].id), threshold: Number(threshold) };
	for (const i of keys)
		repo.root.keys[tenSigners[i].id] = tenSigners[i].key;
	repo.signers[role] = [...signatures].map((i) => tenSigners[i]);
}
for (const [id, [versions, good]] of Object.entries(rootRotations))
	test(`test_root_rotation[${id}]`, async () => {
		const repo = new Repository();
		delete repo.files.root;
		for (const version of versions.split(' ')) {
			useKeys(repo, 'root', version);
			repo.publish('root');
		}
		repo.publish(...top);
		const { client } = await begin({ repo });
		assert.equal(await client.refresh(), good ? 0 : 1, client.said);
		assert.deepEqual(client.file('root'), repo.files.root.at(good ? -1 : -2));
	});

const otherRotations = {
	'1-of-1-key-rotation': ['2/1/2', true],
	'1-of-1-key-rotation-unused-signatures': ['1/1/314', true],
	'1-of-1-key-rotation-fail-not-signed-with-new-key': ['2/1/134', false],
	'3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys': ['01345/3/024', false],
	'2-of-5-one-key-signature-mising-threshold-not-reached': ['01345/3/04', false],
	'3-of-5-sign-first-combo': ['01234/3/024', true],
	'3-of-5-sign-second-combo': ['01234/3/041', true],
	'3-of-5-sign-third-combo': ['01234/3/013', true],
	'3-of-5-sign-fourth-combo': ['01234/3/123', true],
	'3-of-5-sign-fifth-combo': ['01234/3/234', true],
};
for (const [id, [version, good]] of Object.entries(otherRotations))
	test(`test_non_root_rotations[${id}]`, async () => {
		for (const role of ['timestamp', 'snapshot', 'targets']) {
			const { repo, client } = await begin();
			useKeys(repo, role, version);
			repo.publish('root', ...top);
			assert.equal(await client.refresh(), good ? 0 : 1, `${role}: ${client.said}`);
			if (good)
				assert.deepEqual(client.file(role), repo.last(role), role);
		}
	});

describe('tuf-conformance', { concurrency: 6 }, () => {
	for (const [name, run] of cases)
		it(name, run);
});
