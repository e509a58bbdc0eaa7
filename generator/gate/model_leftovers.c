/* What a model or its prompt left in the text. */
#include "generator/gate/judges.h"
#include "generator/gate/language/plain.h"
#include "generator/gate/reading.h"
#include "generator/gate/seen.h"

/* Matched in text that is case folded, with ASCII digits, dashes and quotes; in every
 * language, whatever the locale. `^` is the start of a paragraph. Phrases that people print
 * ("I cannot believe it") are not enough: they must be about the model or its task. */
static const struct {
	const char *what, *pattern;
} leftovers[] = {
	{ "assistant talk",
	    "\\bas an? (?:ai|artificial intelligence|(?:large )?language model)\\b"
	    "|\\bi(?:'m| am) (?:an? (?:ai|language model)|just an ai|sorry,? but i\\b|unable to"
	    " (?:provide|assist|help|access|browse|write|generate))"
	    "|\\bi (?:cannot|can't|can not|am not able to) (?:assist|help|provide|fulfil|comply|access"
	    "|browse|generate|create|write|answer|verify|predict)"
	    "|\\b(?:my|the) (?:knowledge cutoff|training data|last training|system prompt)\\b"
	    "|\\blet me know if you (?:need|want|would|have)|\\bi hope this helps\\b"
	    "|\\bi(?:'d| would) be happy to (?:help|assist|provide|write)" },
	{ "assistant talk",
	    "^(?:sure|certainly|of course|absolutely|great question)[,!.:]"
	    "|^here(?:'s| is| are) (?:the|your|a|an) (?:\\w+ ){0,3}(?:summary|article|text|document"
	    "|json|xml|output|draft|version|translation|report you|response|answer|forecast you)"
	    "|^i cannot\\b|^i can't\\b|^i'm sorry\\b" },
	{ "assistant talk",
	    "\\ben tant qu(?:e |')(?:ia|intelligence artificielle|modele|modèle|assistant)"
	    "|\\bje suis (?:une ia|un modèle|un assistant)|\\bje ne (?:peux|suis) pas (?:en mesure de "
	    "|capable de )?(?:fournir|aider|repondre|répondre|accéder|générer|rédiger)"
	    "|^(?:bien sûr|certainement|d'accord)[ ]?[,!.:]"
	    "|^voici (?:le|la|un|une|votre) (?:\\w+ ){0,2}(?:résumé|texte|article|document|json"
	    "|traduction|version|réponse|brouillon)" },
	{ "assistant talk",
	    "\\bals (?:ki|ki-\\w+|künstliche intelligenz|sprachmodell|großes sprachmodell|grosses"
	    " sprachmodell)\\b|\\bich bin (?:eine ki|ein sprachmodell|ein ki-)"
	    "|\\bich kann (?:dir|ihnen|leider|keine|das nicht) (?:\\w+ ){0,3}(?:helfen|bereitstellen"
	    "|geben|schreiben|beantworten)|^(?:natürlich|gerne|selbstverständlich|sicher)[,!.:]"
	    "|^hier ist (?:der|die|das|ihr|dein) (?:\\w+ ){0,2}(?:zusammenfassung|text|artikel"
	    "|dokument|json|übersetzung|version|antwort|entwurf)" },
	{ "assistant talk",
	    "(?:ai|人工知能|言語モデル|アシスタント)(?:として|である私|ですので|なので)"
	    "|私は(?:ai|人工知能|言語モデル|アシスタント)|申し訳(?:ありません|ございません)が"
	    "|お手伝い(?:できます|します|いたします)|^(?:もちろん|承知|かしこまり)"
	    "|^(?:以下は|以下に|こちらが)[^。]{0,20}(?:要約|記事|文章|翻訳|回答|原稿|出力)" },
	{ "assistant talk",
	    "بصفتي (?:نموذج|ذكاء|مساعد)|كنموذج (?:لغوي|ذكاء)|أنا (?:نموذج لغ|ذكاء اصطناعي|مساعد)"
	    "|لا (?:أستطيع|يمكنني) (?:تقديم|مساعدت|توفير|الوصول|كتابة|إنشاء)"
	    "|^(?:بالتأكيد|بالطبع|حسنا|حسنًا)[،!.:]"
	    "|^(?:إليك|إليكم|فيما يلي) (?:ال)?(?:ملخص|مقال|نص|وثيقة|ترجمة|تقرير الذي|رد)" },
	{ "assistant talk",
	    "\\bcomo (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje|modelo de linguagem)\\b"
	    "|\\bin quanto (?:ia|intelligenza artificiale|modello linguistico)\\b"
	    "|\\bals (?:ai-)?taalmodel\\b" },
	{ "a template marker", "\\{\\{|\\}\\}|\\{%|%\\}|<%|%>|\\$\\{[a-z_.]{1,40}\\}" },
	{ "a code fence", "```|~~~~" },
	{ "a model's control token",
	    "</?(?:think|thinking|reasoning|scratchpad|tool_call|answer|output)>"
	    "|<\\|[a-z_]{1,30}\\|>|\\[/?inst\\]|<</?sys>>|\\b(?:assistant|user|system): " },
	{ "a placeholder",
	    "\\blorem ipsum\\b|\\[(?:insert|your|placeholder|todo|tbd|name|city|date|team)\\b[^\\]]{0,60}\\]"
	    "|\\[(?:insérer|einfügen|ここに|挿入|أدخل)[^\\]]{0,60}\\]|\\b(?:fixme|tbd|xxx)\\b|\\btodo:" },
	{ "an instruction to a model",
	    "\\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier|preceding)"
	    " (?:instruction|prompt|message|rule|context)"
	    "|\\bignore[zr]? (?:toutes )?les instructions|\\bignorier\\w* (?:\\w+ ){0,3}anweisungen"
	    "|(?:以前|前|上記|これまで)の(?:指示|命令|プロンプト)を(?:すべて)?(?:無視|忘れ)"
	    "|تجاهل (?:جميع |كل )?(?:ال)?(?:تعليمات|أوامر)"
	    "|\\byou are (?:chatgpt|an ai|a helpful|now in)|\\bsystem prompt\\b|\\bdo not tell the user\\b" },
};
/* TODO is a word in Spanish: only in capitals, so this one is matched before folding. */
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

static void
judge_text(const struct gate_input *in, const struct gate *g, struct findings *out,
    struct str element, unsigned line, struct str s)
{
	struct str found;
	struct plain folded = plain_fold(in->arena, s);
	for (size_t i = 0; i < LEN(leftovers); i++)
		if (search(in, leftovers[i].pattern, folded, &found))
			gate_report(in, g, out, element, line, "%s: '%.*s'", leftovers[i].what,
			    QUOTE(found));
	if (search(in, CAPITALS, plain_shape(in->arena, s), &found))
		gate_report(in, g, out, element, line, "a placeholder: '%.*s'", QUOTE(found));
}

void
judge_model_leftovers(const struct gate_input *in, const struct gate *g, struct findings *out)
{
	const struct leaf *leaf;
	size_t n;
	for (size_t i = 0; i < in->reading->passages; i++) {
		const struct passage *x = &in->reading->passage[i];
		judge_text(in, g, out, x->element, x->line, x->text);
	}
	leaves_make(in->arena, node_get(in->document->root, STR("facts")), STR("facts"), &leaf, &n);
	for (size_t i = 0; i < n; i++)
		if (leaf[i].node->kind == NODE_TEXT)
			judge_text(in, g, out, leaf[i].path, leaf[i].node->line, leaf[i].node->text);
}
