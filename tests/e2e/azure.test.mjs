// Azure Blob Storage as a store: the contract of every store against Azurite.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { Azurite, certificate } from './lib/azurite.mjs';
import { build, run } from './lib/run.mjs';

const contract = join(build, 'e2e', 'store_contract');
const small = { EDGEPRESS_TEST_BLOCK_BYTES: '262144', EDGEPRESS_TEST_PAGE_KEYS: '3' };
const azurite = await Azurite.start();

async function keepsTheContract(store, env) {
	const result = await run([contract], { env: { ...env, ...small, STORE: store } });
	assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
}

test('a container keeps the contract of every store', async () => {
	await keepsTheContract(await azurite.container('contract'), azurite.env);
});
