/* What a model or its prompt left in the text. */
#include <pthread.h>

#include "generator/gate/cue.h"
#include "generator/gate/judges.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"
#include "generator/gate/seen.h"

/* Matched in text that is case folded, with ASCII digits, dashes and quotes; in every
 * language, whatever the locale. `^` is the start of a paragraph. Phrases that people print
 * ("I cannot believe it") are not enough: they must be about the model or its task. */
static const struct {
	const char *what;
	const char *cues; /* no match without one of them (cue.h) */
	const char *pattern;
} leftovers[] = {
	{ "assistant talk",
	    "as a ai|a ai|an ai|artificial intelligence|language model|sorry|unable to "
	    "|i cannot |i can't |i can not |i am not able to |knowledge cutoff|training data"
	    "|last training|system prompt|let me know if you |i hope this helps|be happy to ",
	    "\\bas an? (?:ai|artificial intelligence|(?:large )?language model)\\b"
	    "|\\bi(?:'m| am) (?:an? (?:ai|language model)|just an ai|sorry,? but i\\b|unable to"
	    " (?:provide|assist|help|access|browse|write|generate))"
	    "|\\bi (?:cannot|can't|can not|am not able to) (?:assist|help|provide|fulfil|comply|access"
	    "|browse|generate|create|write|answer|verify|predict)"
	    "|\\b(?:my|the) (?:knowledge cutoff|training data|last training|system prompt)\\b"
	    "|\\blet me know if you (?:need|want|would|have)|\\bi hope this helps\\b"
	    "|\\bi(?:'d| would) be happy to (?:help|assist|provide|write)" },
	{ "assistant talk",
	    "^sure|^certainly|^of course|^absolutely|^great question|^here|^i cannot|^i can't"
	    "|^i'm sorry",
	    "^(?:sure|certainly|of course|absolutely|great question)[,!.:]"
	    "|^here(?:'s| is| are) (?:the|your|a|an) (?:\\w+ ){0,3}(?:summary|article|text|document"
	    "|json|xml|output|draft|version|translation|report you|response|answer|forecast you)"
	    "|^i cannot\\b|^i can't\\b|^i'm sorry\\b" },
	{ "assistant talk",
	    "en tant qu|je suis un|je ne peux pas|je ne suis pas|^bien sûr|^certainement"
	    "|^d'accord|^voici ",
	    "\\ben tant qu(?:e |')(?:ia|intelligence artificielle|modele|modèle|assistant)"
	    "|\\bje suis (?:une ia|un modèle|un assistant)|\\bje ne (?:peux|suis) pas (?:en mesure de "
	    "|capable de )?(?:fournir|aider|repondre|répondre|accéder|générer|rédiger)"
	    "|^(?:bien sûr|certainement|d'accord)[ ]?[,!.:]"
	    "|^voici (?:le|la|un|une|votre) (?:\\w+ ){0,2}(?:résumé|texte|article|document|json"
	    "|traduction|version|réponse|brouillon)" },
	{ "assistant talk",
	    "als ki|als künstliche intelligenz|sprachmodell|ich bin eine ki|ich bin ein ki"
	    "|ich kann |^natürlich|^gerne|^selbstverständlich|^sicher|^hier ist ",
	    "\\bals (?:ki|ki-\\w+|künstliche intelligenz|sprachmodell|großes sprachmodell|grosses"
	    " sprachmodell)\\b|\\bich bin (?:eine ki|ein sprachmodell|ein ki-)"
	    "|\\bich kann (?:dir|ihnen|leider|keine|das nicht) (?:\\w+ ){0,3}(?:helfen|bereitstellen"
	    "|geben|schreiben|beantworten)|^(?:natürlich|gerne|selbstverständlich|sicher)[,!.:]"
	    "|^hier ist (?:der|die|das|ihr|dein) (?:\\w+ ){0,2}(?:zusammenfassung|text|artikel"
	    "|dokument|json|übersetzung|version|antwort|entwurf)" },
	{ "assistant talk",
	    "aiと|aiで|aiな|人工知能|言語モデル|アシスタント|私は|申し訳|お手伝い|^もちろん|^承知|^かしこまり|^以下は|^以下に|^こちらが",
	    "(?:ai|人工知能|言語モデル|アシスタント)(?:として|である私|ですので|なので)"
	    "|私は(?:ai|人工知能|言語モデル|アシスタント)|申し訳(?:ありません|ございません)が"
	    "|お手伝い(?:できます|します|いたします)|^(?:もちろん|承知|かしこまり)"
	    "|^(?:以下は|以下に|こちらが)[^。]{0,20}(?:要約|記事|文章|翻訳|回答|原稿|出力)" },
	{ "assistant talk",
	    "بصفتي |كنموذج |أنا |لا |^بالتأكيد|^بالطبع|^حسنا|^حسنًا|^إليك|^فيما يلي",
	    "بصفتي (?:نموذج|ذكاء|مساعد)|كنموذج (?:لغوي|ذكاء)|أنا (?:نموذج لغ|ذكاء اصطناعي|مساعد)"
	    "|لا (?:أستطيع|يمكنني) (?:تقديم|مساعدت|توفير|الوصول|كتابة|إنشاء)"
	    "|^(?:بالتأكيد|بالطبع|حسنا|حسنًا)[،!.:]"
	    "|^(?:إليك|إليكم|فيما يلي) (?:ال)?(?:ملخص|مقال|نص|وثيقة|ترجمة|تقرير الذي|رد)" },
	{ "assistant talk",
	    "como ia|como un|inteligencia artificial|modelo de lenguaje|modelo de linguagem"
	    "|in quanto |taalmodel",
	    "\\bcomo (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje|modelo de linguagem)\\b"
	    "|\\bin quanto (?:ia|intelligenza artificiale|modello linguistico)\\b"
	    "|\\bals (?:ai-)?taalmodel\\b" },
	{ "a template marker",
	    "{{|}}|{%|%}|<%|%>|${", "\\{\\{|\\}\\}|\\{%|%\\}|<%|%>|\\$\\{[a-z_.]{1,40}\\}" },
	{ "a code fence",
	    "```|~~~~", "```|~~~~" },
	{ "a model's control token",
	    "<|[inst]|[/inst]|assistant: |user: |system: ",
	    "</?(?:think|thinking|reasoning|scratchpad|tool_call|answer|output)>"
	    "|<\\|[a-z_]{1,30}\\|>|\\[/?inst\\]|<</?sys>>|\\b(?:assistant|user|system): " },
	{ "a placeholder",
	    "lorem ipsum|[|fixme|tbd|xxx|todo:",
	    "\\blorem ipsum\\b|\\[(?:insert|your|placeholder|todo|tbd|name|city|date|team)\\b[^\\]]{0,60}\\]"
	    "|\\[(?:insérer|einfügen|ここに|挿入|أدخل)[^\\]]{0,60}\\]|\\b(?:fixme|tbd|xxx)\\b|\\btodo:" },
	{ "an instruction to a model",
	    "ignore |disregard |forget |les instructions|anweisungen|の指示|の命令|のプロンプト|تجاهل "
	    "|you are |system prompt|do not tell the user",
	    "\\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier|preceding)"
	    " (?:instruction|prompt|message|rule|context)"
	    "|\\bignore[zr]? (?:toutes )?les instructions|\\bignorier\\w* (?:\\w+ ){0,3}anweisungen"
	    "|(?:以前|前|上記|これまで)の(?:指示|命令|プロンプト)を(?:すべて)?(?:無視|忘れ)"
	    "|تجاهل (?:جميع |كل )?(?:ال)?(?:تعليمات|أوامر)"
	    "|\\byou are (?:chatgpt|an ai|a helpful|now in)|\\bsystem prompt\\b|\\bdo not tell the user\\b" },
};
/* TODO is a word in Spanish: only in capitals, so this one is matched before folding. */
#define CAPITALS_CUES "TODO|FIXME|AS AN AI"
#define CAPITALS "\\bTODO\\b|\\bFIXME\\b|\\bAS AN AI\\b"

static bool
search(const struct gate_input *in, const char *pattern, struct plain text, struct str *found)
{
	UErrorCode e = U_ZERO_ERROR;
	URegularExpression *re = seen_pattern(in->seen, pattern, text.p, text.n);
	if (!uregex_findNext(re, &e))
		return false;
	int32_t start = uregex_start(re, 0, &e), end = uregex_end(re, 0, &e);
	*found = plain_utf8(in->arena, (struct plain){ text.p + start, end - start });
	return true;
}

/* Read-only once made, for the life of the program. */
static struct cues *folded_cues, *capital_cues;
static pthread_once_t cues_once = PTHREAD_ONCE_INIT;

static void
cues_make(void)
{
	static struct arena *a;
	a = arena_new();
	folded_cues = cues_new(a);
	capital_cues = cues_new(a);
	for (unsigned i = 0; i < LEN(leftovers); i++)
		cues_add(folded_cues, leftovers[i].cues, i);
	cues_add(capital_cues, CAPITALS_CUES, 0);
}

static void
judge_text(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, unsigned line, const struct plain_forms *text)
{
	struct str found;
	uint64_t cues = cues_in(folded_cues, text->fold);
	for (size_t i = 0; cues != 0 && i < LEN(leftovers); i++)
		if ((cues >> i & 1) != 0 && search(in, leftovers[i].pattern, text->fold, &found))
			gate_report(in, g, out, element, line, "%s: '%.*s'", leftovers[i].what,
			    QUOTE(found));
	if (cues_in(capital_cues, text->shape) != 0 && search(in, CAPITALS, text->shape, &found))
		gate_report(in, g, out, element, line, "a placeholder: '%.*s'", QUOTE(found));
}

void
judge_model_leftovers(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	(void)pthread_once(&cues_once, cues_make);
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		judge_text(in, g, out, x->element, x->line, &x->forms);
	}
	for (size_t i = 0; i < in->reading->leaves; i++) {
		const struct leaf *l = &in->reading->leaf[i];
		if (l->node->kind == NODE_TEXT && str_starts(l->path, STR("facts/")))
			judge_text(in, g, out, l->path, l->node->line, &l->forms);
	}
}
