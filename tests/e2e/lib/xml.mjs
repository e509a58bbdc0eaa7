// A strict reader for the small XML that reports are: elements, attributes, text; anything else throws.
const names = { lt: '<', gt: '>', amp: '&', quot: '"' };
const plain = (text) => text.replace(/&(#?\w+);/g, (all, name) => {
	const char = name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : names[name];
	if (char === undefined)
		throw new Error(`unknown reference ${all}`);
	return char;
});

// { name, attributes, children, text }
export function readXml(source) {
	const root = { children: [] };
	const stack = [root];
	const body = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
	let end = 0;
	for (const match of body.matchAll(/([^<]*)<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)(\/?)>/gy)) {
		const [all, text, closing, name, rest, empty] = match;
		const top = stack.at(-1);
		if (/&(?!#?\w+;)/.test(text + rest))
			throw new Error(`a bare ampersand in ${all}`);
		top.text = (top.text ?? '') + plain(text);
		end = match.index + all.length;
		if (closing) {
			if (stack.pop().name !== name)
				throw new Error(`</${name}> closes another element`);
			continue;
		}
		const attributes = Object.fromEntries([...rest.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, plain(value)]));
		const element = { name, attributes, children: [], text: '' };
		top.children.push(element);
		if (!empty)
			stack.push(element);
	}
	if (stack.length !== 1 || root.children.length !== 1 || body.slice(end).trim() !== '')
		throw new Error(`not well-formed behind byte ${end}`);
	return root.children[0];
}
