/* judges: the gates' functions, for the table in gate.c; and what they share. */
#ifndef GENERATOR_GATE_JUDGES_H
#define GENERATOR_GATE_JUDGES_H

#include "generator/gate/gate.h"

void judge_unicode(const struct gate_input *, const struct gate *, struct findings *);
void judge_freshness(const struct gate_input *, const struct gate *, struct findings *);
void judge_sources(const struct gate_input *, const struct gate *, struct findings *);
void judge_disclosure(const struct gate_input *, const struct gate *, struct findings *);
void judge_disclaimer(const struct gate_input *, const struct gate *, struct findings *);
void judge_length(const struct gate_input *, const struct gate *, struct findings *);
void judge_markup(const struct gate_input *, const struct gate *, struct findings *);
void judge_links(const struct gate_input *, const struct gate *, struct findings *);
void judge_locale(const struct gate_input *, const struct gate *, struct findings *);
void judge_grounding(const struct gate_input *, const struct gate *, struct findings *);
void judge_forbidden(const struct gate_input *, const struct gate *, struct findings *);
void judge_personal_data(const struct gate_input *, const struct gate *, struct findings *);
void judge_model_leftovers(const struct gate_input *, const struct gate *, struct findings *);
void judge_quotes(const struct gate_input *, const struct gate *, struct findings *);
void judge_copied(const struct gate_input *, const struct gate *, struct findings *);
void judge_review(const struct gate_input *, const struct gate *, struct findings *);
void judge_duplicates(const struct gate_input *, const struct gate *, struct findings *);
void judge_reachable(const struct gate_input *, const struct gate *, struct findings *);
void judge_judge(const struct gate_input *, const struct gate *, struct findings *);

/* A control, an invisible or unassigned character, or one that overrides direction. */
bool unicode_is_unsafe(int32_t c);

#endif
