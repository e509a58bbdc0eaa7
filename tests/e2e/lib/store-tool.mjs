// A store used line by line, by build/e2e/store_tool.
import { join } from 'node:path';
import { build, run } from './run.mjs';

// Each command as an array of words; resolves to one line of answer for each.
export async function use(store, env, ...commands) {
	const result = await run([join(build, 'e2e', 'store_tool')], { env: { ...env, STORE: store }, input: commands.map((words) => `${words.join(' ')}\n`).join('') });
	const lines = result.stdout.trimEnd().split('\n');
	if (result.stderr || (result.code !== 0 && result.code !== 1))
		throw new Error(`store_tool: exit ${result.code}\n${result.stderr}`);
	return lines;
}
