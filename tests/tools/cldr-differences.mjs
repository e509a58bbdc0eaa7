// Writes tests/data/cldr/differences.json, all that our formatters do otherwise than CLDR 48 says.
// To be run, and its changes read, after an update of ICU: node tests/tools/cldr-differences.mjs
// It needs a Node whose Intl has CLDR 48 (process.versions.cldr), as a second opinion.
import { writeFileSync } from 'node:fs';
import { causeOf, causes, cldr, compare } from '../e2e/lib/cldr.mjs';

const { compared, differences, markets } = compare();
const by = Object.fromEntries(Object.keys(causes).map((cause) => [cause, {}]));
for (const [market, cases] of Object.entries(differences))
	for (const [name, pair] of Object.entries(cases)) {
		const cause = causeOf(market, name, pair);
		if (!cause)
			throw new Error(`${market}: ${name}: ${JSON.stringify(pair)}: no cause is known`);
		(by[cause][market] ??= {})[name] = pair;
	}
writeFileSync(new URL('../data/cldr/differences.json', import.meta.url), `${JSON.stringify({
	about: 'case: [what edgepress writes with Debian 12\'s ICU 72.1, what CLDR 48 says]',
	cldr: cldr.version, opinion: `Node ${process.versions.node}, ICU ${process.versions.icu}, CLDR ${process.versions.cldr}`,
	compared, markets, causes, differences: by }, null, '\t')}\n`);
