/* Words that say what a figure is and who did what; see struct language_claims. */
#include "generator/gate/language/language.h"

const struct field fields_known[] = {
	{ "high", { "high" }, true },
	{ "low", { "low" }, true },
	{ "feels", { "feels" }, true },
	{ "humidity", { "humidity" }, true },
	{ "gust", { "gust" }, true },
	{ "pressure", { "pressure" }, true },
	{ "chance", { "precipitation-chance" }, true },
	{ "attendance", { "attendance" }, false },
	{ "goals", { "goals", "goals-for", "goals-against", "score" }, false },
	{ "points", { "points" }, false },
	{ "played", { "played" }, false },
	{ "won", { "won" }, false },
	{ "drawn", { "drawn" }, false },
	{ "lost", { "lost" }, false },
	{ "minute", { "minute" }, false },
};
const size_t fields_known_count = LEN(fields_known);

int
field_index(struct str name)
{
	for (size_t i = 0; i < LEN(fields_known); i++)
		if (str_eq(name, str_of(fields_known[i].name)))
			return (int)i;
	return -1;
}

const struct language_claims language_claims[] = {
	{ .code = "en",
	  .stamp = "as_of updated issued published retrieved reported measured recorded at_press",
	  .field = "high=high highs=high maximum=high low=low lows=low minimum=low feels_like=feels "
	    "humidity=humidity gust=gust gusts=gust gusting=gust pressure=pressure "
	    "chance_of_rain=chance rain_chance=chance chance_of_snow=chance chance_of_precipitation=chance "
	    "probability_of_rain=chance spectators=attendance fans=attendance supporters=attendance "
	    "people=attendance onlookers=attendance goals=goals points=points games=played "
	    "matches=played wins=won victories=won draws=drawn defeats=lost losses=lost",
	  .win = "beat beats beating won win wins winning defeated defeats defeating downed thrashed "
	    "edged overcame overcome overcomes led lead leads leading triumphed saw_off hammered routed "
	    "eliminated knocked_out",
	  .lose = "lost lose loses losing was_beaten were_beaten been_beaten trailed trail trails "
	    "was_defeated were_defeated beaten fell_to went_down succumbed bowed_out trailing",
	  .against = "against to over by versus vs past from", .number = "dozen=12" },
	{ .code = "de",
	  .stamp = "stand aktualisiert veröffentlicht ausgegeben abgerufen gemessen stammen",
	  .field = "höchstwert=high höchstwerte=high höchstwerten=high höchsttemperatur=high "
	    "höchsttemperaturen=high höchststand=high tageshoch=high hoch=high tief=low tiefstwert=low "
	    "tiefstwerte=low tiefstwerten=low tiefsttemperatur=low tiefsttemperaturen=low monatstief=low "
	    "tiefststand=low luftfeuchtigkeit=humidity luftfeuchte=humidity böen=gust windböen=gust "
	    "luftdruck=pressure regenrisiko=chance niederschlagsrisiko=chance "
	    "regenwahrscheinlichkeit=chance niederschlagswahrscheinlichkeit=chance "
	    "zuschauer=attendance zuschauern=attendance fans=attendance besucher=attendance "
	    "besuchern=attendance tore=goals toren=goals treffer=goals treffern=goals punkte=points "
	    "punkten=points zähler=points zählern=points spielen=played spiele=played partien=played siege=won siegen=won "
	    "unentschieden=drawn remis=drawn niederlagen=lost",
	  .win = "gewann gewannen gewinnt gewinnen gewonnen siegte siegten siegt besiegte besiegt "
	    "besiegten schlug schlägt schlugen bezwang bezwingt führte führt führten setzte_sich "
	    "setzt_sich triumphierte sieg heimsieg auswärtssieg",
	  .lose = "verlor verloren verliert verlieren unterlag unterliegt unterlagen musste_sich "
	    "niederlage heimniederlage lag_zurück",
	  .against = "gegen über gegen_den gegen_die über_den über_die von", .to = "zu",
	  .number = "zwo=2 dutzend=12" },
	{ .code = "fr",
	  .stamp = "mis_à_jour mise_à_jour publié publiée relevé relevés émis consulté consultées actualisé",
	  .field = "maximum=high maximale=high maximales=high maximums=high minimum=low minimale=low "
	    "minimales=low ressenti=feels humidité=humidity rafales=gust rafale=gust pression=pressure "
	    "risque_de_pluie=chance probabilité_de_pluie=chance risque_d'averses=chance "
	    "spectateurs=attendance supporters=attendance personnes=attendance buts=goals points=points "
	    "matchs=played matches=played rencontres=played victoires=won succès=won nuls=drawn "
	    "défaites=lost",
	  .win = "bat battu battent bats gagné gagne gagnent remporté remporte vaincu s'impose "
	    "s'est_imposé s'est_imposée imposé emporté emporte menait mène mené victoire dominé domine "
	    "vainqueur triomphé qualifié",
	  .lose = "perdu perd perdent s'incline incliné inclinée s'est_incliné défaite battu_par "
	    "battue_par a_été_battu a_été_battue était_mené était_menée",
	  .against = "contre face_à face_au sur par devant", .to = "à" },
	{ .code = "es",
	  .stamp = "actualizado actualizada actualización publicado emitido registrado consultado consultados",
	  .field = "máxima=high máximas=high máximo=high mínima=low mínimas=low mínimo=low "
	    "sensación_térmica=feels humedad=humidity rachas=gust ráfagas=gust presión=pressure "
	    "probabilidad_de_lluvia=chance probabilidad_de_precipitación=chance espectadores=attendance "
	    "aficionados=attendance personas=attendance asistentes=attendance goles=goals tantos=goals "
	    "puntos=points partidos=played encuentros=played victorias=won triunfos=won empates=drawn "
	    "derrotas=lost",
	  .win = "ganó gana ganan ganaron ganaba ganado venció vence vencieron derrotó derrota_a "
	    "derrotaron superó se_impuso impuso doblegó batió goleó tumbó victoria triunfo",
	  .lose = "perdió pierde perdieron perdía perdido cayó cae cayeron sucumbió derrota fue_derrotado "
	    "fue_derrotada",
	  .against = "contra al a a_la ante frente_a frente_al sobre por con", .to = "a" },
	{ .code = "pt",
	  .stamp = "atualizado atualizada atualização publicado emitido registrado consultado consultados",
	  .field = "máxima=high máximas=high máximo=high mínima=low mínimas=low mínimo=low "
	    "sensação_térmica=feels umidade=humidity humidade=humidity rajadas=gust pressão=pressure "
	    "chance_de_chuva=chance probabilidade_de_chuva=chance torcedores=attendance "
	    "espectadores=attendance adeptos=attendance pessoas=attendance gols=goals golos=goals "
	    "pontos=points jogos=played partidas=played vitórias=won empates=drawn derrotas=lost",
	  .win = "venceu vence vencem venceram vencia ganhou ganha ganharam ganhava derrotou derrotaram "
	    "bateu superou goleou vitória triunfo",
	  .lose = "perdeu perde perderam perdia perdido caiu derrota foi_derrotado foi_derrotada",
	  .against = "contra sobre para_o para_a para por pelo pela diante_do diante_da ante com",
	  .to = "a", .number = "dezesseis=16 dezessete=17 dezenove=19 catorze=14 duas=2" },
	{ .code = "it",
	  .stamp = "aggiornato aggiornati pubblicato",
	  .field = "massima=high massime=high minima=low minime=low umidità=humidity raffiche=gust "
	    "pressione=pressure spettatori=attendance tifosi=attendance gol=goals reti=goals punti=points "
	    "partite=played vittorie=won pareggi=drawn sconfitte=lost",
	  .win = "vince vinto batte battuto ha_battuto supera superato vittoria",
	  .lose = "perde perso sconfitta sconfitto è_stato_battuto",
	  .against = "contro da dal dalla sul sulla", .to = "a" },
	{ .code = "ru",
	  .stamp = "обновлен* по_состоянию опубликован* по_данным_на",
	  .field = "максимум=high максимальная=high минимум=low минимальная=low влажность=humidity "
	    "порыв*=gust давление=pressure вероятность_дождя=chance вероятность_осадков=chance "
	    "зрител*=attendance болельщик*=attendance человек=attendance гол=goals гола=goals "
	    "голов=goals голами=goals мяч*=goals очк*=points матч*=played игр=played игры=played "
	    "побед=won победы=won победу=won ничьих=drawn ничьи=drawn поражен*=lost",
	  .win = "обыграл* победил* выиграл* одолел* разгромил* переиграл* вёл вел вела вели лидировал* "
	    "обыгрывает побеждает выигрывает победа",
	  .lose = "проиграл* уступил* проигрывает уступает потерпел* поражение проигрыш",
	  .against = "над против от с у", .number = "двое=2 трое=3 четверо=4 пятеро=5" },
	{ .code = "ja",
	  .stamp = "更新 現在 発表 時点 取得",
	  .field = "最高気温=high 最高=high 高値=high 最低気温=low 最低=low 安値=low 体感温度=feels "
	    "湿度=humidity 瞬間風速=gust 突風=gust 気圧=pressure 降水確率=chance 人の観客=attendance "
	    "ゴール=goals 得点=goals 勝ち点=points 試合=played 勝=won 分け=drawn 敗=lost",
	  .win = "勝利 勝っ 勝ち 勝つ 下し 破っ 破り 制し 制覇 リード 快勝 圧勝 撃破",
	  .lose = "敗れ 敗北 負け 敗戦 屈し 惜敗 大敗 敗退",
	  .against = "に を から との と", .postposed = "yes" },
	{ .code = "zh",
	  .stamp = "更新 截至 发布 截止",
	  .field = "最高气温=high 最高温度=high 最高=high 最低气温=low 最低温度=low 最低=low "
	    "体感温度=feels 湿度=humidity 阵风=gust 气压=pressure 降水概率=chance 降雨概率=chance "
	    "降雨几率=chance 名观众=attendance 名球迷=attendance 球=goals 个进球=goals 粒进球=goals "
	    "分=points 轮=played 场比赛=played 场=played 胜=won 平=drawn 负=lost 名球=attendance",
	  .win = "战胜 击败 获胜 取胜 赢得 夺冠 夺得 险胜 大胜 力克 领先 打败 胜出 完胜 赢",
	  .lose = "负于 不敌 落败 输给 失利 败给 惨败 落后 输 告负",
	  .against = "对 对阵 被 于 给" },
	{ .code = "ar",
	  .stamp = "تحديث تحديثه حدثت نشر صدر حتى_الساعة",
	  .field = "العظمى=high الصغرى=low المحسوسة=feels الرطوبة=humidity هبات=gust الضغط=pressure "
	    "احتمال_المطر=chance احتمال_هطول_الأمطار=chance متفرجا=attendance متفرج=attendance "
	    "مشجع=attendance مشجعا=attendance أهداف=goals نقطة=points نقاط=points مباراة=played "
	    "مباريات=played انتصارات=won انتصارا=won تعادلات=drawn هزائم=lost",
	  .win = "فاز فازت تفوق تفوقت هزم هزمت تغلب تغلبت انتصر انتصرت يفوز تفوز فوز توج توجت أسقط",
	  .lose = "خسر خسرت يخسر تخسر خسارة هزيمة انهزم انهزمت سقط سقطت",
	  .against = "على أمام ضد مع من",
	  .number = "ثلاث=3 أربع=4 خمس=5 ست=6 سبع=7 ثماني=8 ثمان=8 تسع=9 عشر=10" },
	{ .code = "hi",
	  .stamp = "अपडेट जारी अद्यतन तक_के",
	  .field = "अधिकतम=high न्यूनतम=low आर्द्रता=humidity झोंके=gust झोंकों=gust वायुदाब=pressure "
	    "बारिश_की_संभावना=chance वर्षा_की_संभावना=chance दर्शक=attendance दर्शकों=attendance गोल=goals "
	    "अंक=points अंकों=points मैचों=played जीत=won ड्रॉ=drawn हार=lost",
	  .win = "हराया हराकर हरा_दिया जीता जीती जीतकर जीत_ली जीत_लिया मात_दी आगे_था शिकस्त_दी",
	  .lose = "हार_गया हार_गई हारा हारी हार_का हार_मिली हारकर हार_झेलनी",
	  .against = "को से के_खिलाफ के_ख़िलाफ़ पर", .postposed = "yes",
	  .number = "पांच=5 पाँच=5 छः=6 छह=6 छै=6" },
};
const size_t language_claims_count = LEN(language_claims);
