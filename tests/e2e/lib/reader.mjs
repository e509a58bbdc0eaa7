// What a reader sees of a store that is a folder, read by no code of ours: from timestamp.json
// down, each file by the digest that the one above it tells. Throws where anything is missing or
// damaged. Signatures are what `verify` and tuf-js judge.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sha256 as digest } from './files.mjs';

const suffix = { gzip: '.gz', br: '.br', zstd: '.zst' };

// { version, timestamp, needed: [path], text: { "weather/en-us": of its index.json } }, or null
// if nothing is published. `get(path)` gives bytes, or null; `sha256(bytes)` may be one that
// remembers.
export function read(get, sha256 = digest) {
	const needed = [];
	const need = (path, wanted) => {
		const bytes = get(path);
		assert.ok(bytes, `${path} is missing`);
		assert.ok(!wanted || sha256(bytes) === wanted, `${path} is damaged`);
		needed.push(path);
		return bytes;
	};
	const json = (bytes) => JSON.parse(bytes.toString('utf8'));
	if (!get('metadata/timestamp.json'))
		return null;
	const timestamp = json(need('metadata/timestamp.json')).signed;
	const meta = timestamp.meta['snapshot.json'];
	const snapshot = json(need(`metadata/${meta.version}.snapshot.json`, meta.hashes?.sha256)).signed;
	const text = {};
	for (const [name, { version, hashes }] of Object.entries(snapshot.meta)) {
		const role = json(need(`metadata/${version}.${name}`, hashes?.sha256)).signed;
		for (const [path, target] of Object.entries(role.targets)) {
			const bundle = path.replace(/\/bundle\.json$/, ''), manifest = target.hashes.sha256;
			text[bundle] = '';
			for (const shard of json(need(`targets/${bundle}/${manifest}.bundle.json`, manifest)).shards)
				for (const [key, entry] of entries(json(gunzipSync(need(`trees/${shard.sha256}`, shard.sha256))))) {
					const body = need(`blobs/${entry.sha256.slice(0, 2)}/${entry.sha256}`, entry.sha256);
					if (key === 'index.json')
						text[bundle] = body.toString('utf8');
					for (const coding of Object.keys(suffix).filter((name) => entry[name]))
						need(`blobs/${entry[coding].sha256.slice(0, 2)}/${entry[coding].sha256}${suffix[coding]}`, entry[coding].sha256);
				}
		}
	}
	return { version: meta.version, timestamp: timestamp.version, needed, text };
}

function entries(tree) {
	return [...tree.files.map((file) => [file.path, file]), ...tree.documents.map((d) => ['', d.source])];
}

export function readFolder(folder) {
	return read((path) => {
		try {
			return readFileSync(join(folder, path));
		} catch (error) {
			if (error.code === 'ENOENT')
				return null;
			throw error;
		}
	});
}
