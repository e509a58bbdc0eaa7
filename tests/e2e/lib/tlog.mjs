// A transparency log read from its specifications alone: RFC 6962 section 2.1, c2sp.org/tlog-tiles,
// signed-note and tlog-checkpoint. Shares no code with edgepress.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
export const leafHash = (entry) => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

// MTH(D[n]) as RFC 6962 defines it, over leaf hashes.
export function treeHash(leaves) {
	if (leaves.length === 0)
		return sha256();
	if (leaves.length === 1)
		return leaves[0];
	let k = 1;
	while (k * 2 < leaves.length)
		k *= 2;
	return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

// PATH(m, D[n]) and, by the recursion of section 2.1.1 read backwards, the root it gives.
export function inclusionProof(leaves, m) {
	if (leaves.length === 1)
		return [];
	let k = 1;
	while (k * 2 < leaves.length)
		k *= 2;
	return m < k ? [...inclusionProof(leaves.slice(0, k), m), treeHash(leaves.slice(k))]
		: [...inclusionProof(leaves.slice(k), m - k), treeHash(leaves.slice(0, k))];
}
export function rootByInclusion(hash, m, n, proof) {
	if (n === 1) {
		assert.equal(proof.length, 0, 'the proof is too long');
		return hash;
	}
	assert.ok(proof.length > 0, 'the proof is too short');
	let k = 1;
	while (k * 2 < n)
		k *= 2;
	const rest = proof.slice(0, -1), last = proof.at(-1);
	return m < k ? nodeHash(rootByInclusion(hash, m, k, rest), last)
		: nodeHash(last, rootByInclusion(hash, m - k, n - k, rest));
}

// "name+hash+key": { name, id, key }
export function readVkey(text) {
	const [, name, id, typed] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
	const bytes = Buffer.from(typed, 'base64');
	assert.equal(bytes.length, 33);
	assert.equal(bytes[0], 1, 'Ed25519');
	assert.equal(sha256(name, '\n', bytes).subarray(0, 4).toString('hex'), id, 'the key hash of the vkey');
	const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.subarray(1).toString('base64url') }, format: 'jwk' });
	return { name, id, key };
}

// { origin, size, root } of a checkpoint that this key has signed.
export function readCheckpoint(bytes, vkey) {
	const note = bytes.toString('utf8');
	assert.doesNotMatch(note, /[\x00-\x09\x0b-\x1f]/);
	const end = note.lastIndexOf('\n\n');
	const text = note.slice(0, end + 1), signatures = note.slice(end + 2);
	assert.ok(signatures.endsWith('\n'));
	const valid = signatures.trimEnd().split('\n').some((line) => {
		const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? assert.fail(`"${line}" is no signature`);
		const signature = Buffer.from(encoded, 'base64');
		return name === vkey.name && signature.subarray(0, 4).toString('hex') === vkey.id
			&& verify(null, Buffer.from(text), vkey.key, signature.subarray(4));
	});
	assert.ok(valid, 'no signature by the key of the log');
	const lines = text.split('\n');
	assert.equal(lines.length, 4, 'three lines, no extension');
	assert.equal(lines[0], vkey.name, 'the origin is the name of the key');
	assert.match(lines[1], /^(0|[1-9][0-9]*)$/);
	const root = Buffer.from(lines[2], 'base64');
	assert.equal(root.length, 32);
	return { origin: lines[0], size: Number(lines[1]), root };
}

function tilePath(kind, n, width) {
	let path = String(n % 1000).padStart(3, '0');
	for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000))
		path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
	return `tile/${kind}/${path}${width < 256 ? `.p/${width}` : ''}`;
}

// Every tile that the tree of this size has: [level, index, width].
function* tilesOf(size) {
	for (let level = 0; size >= 256 ** level; level++) {
		const hashes = Math.floor(size / 256 ** level);
		for (let n = 0; n * 256 < hashes; n++)
			yield [level, n, Math.min(256, hashes - n * 256)];
	}
}

function readEntries(bytes, width) {
	const entries = [];
	for (let at = 0; at < bytes.length;) {
		const length = bytes.readUInt16BE(at);
		assert.ok(at + 2 + length <= bytes.length, 'an entry is cut off');
		entries.push(bytes.subarray(at + 2, at + 2 + length));
		at += 2 + length;
	}
	assert.equal(entries.length, width, 'entries of a bundle');
	return entries;
}

// Follows one log; `read(path)` gives the bytes of a file below its prefix, as a Promise.
export class Follower {
	constructor(read, vkey) {
		this.read = read;
		this.vkey = readVkey(vkey);
		this.entries = [];
		this.seen = { size: 0, root: treeHash([]) };
	}

	// Take up what is new, check all of it, and that nothing old has changed.
	async follow() {
		const checkpoint = readCheckpoint(await this.read('checkpoint'), this.vkey);
		assert.ok(checkpoint.size >= this.seen.size, `${checkpoint.size} entries after ${this.seen.size}`);
		const entries = [];
		for (const [level, n, width] of tilesOf(checkpoint.size))
			if (level === 0)
				entries.push(...readEntries(await this.read(tilePath('entries', n, width)), width));
		const leaves = entries.map(leafHash);
		assert.deepEqual(treeHash(leaves.slice(0, this.seen.size)), this.seen.root, 'consistent with what was seen');
		assert.deepEqual(treeHash(leaves), checkpoint.root, 'the root of the checkpoint');
		for (const [level, n, width] of tilesOf(checkpoint.size)) {
			const tile = await this.read(tilePath(level, n, width));
			const span = 256 ** level;
			const wanted = Array.from({ length: width }, (_, i) => treeHash(leaves.slice((n * 256 + i) * span, (n * 256 + i + 1) * span)));
			assert.deepEqual(tile, Buffer.concat(wanted), `tile ${tilePath(level, n, width)}`);
		}
		this.entries = entries;
		this.leaves = leaves;
		this.seen = checkpoint;
		return entries.map((entry) => JSON.parse(entry.toString('ascii')));
	}
}
