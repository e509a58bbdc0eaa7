#include "generator/document/finding.h"

#define FINDINGS_MAX 100

void
findings_add(struct findings *fs, struct finding f)
{
	if (fs->n == FINDINGS_MAX)
		return;
	ARENA_GROW(fs->arena, fs->item, fs->n, fs->room);
	fs->item[fs->n++] = f;
}

bool
findings_reject(const struct findings *fs)
{
	for (size_t i = 0; i < fs->n; i++)
		if (fs->item[i].severity == SEVERITY_REJECT)
			return true;
	return false;
}
