/* Words of the languages that ICU does not know about. See struct language_words. */
#include "generator/gate/language/language.h"

/* Spellings of units that are the same in all Latin scripts. */
#define UNITS_LATIN                                                                        \
	"°c=celsius °f=fahrenheit celsius=celsius fahrenheit=fahrenheit ℃=celsius ℉=fahrenheit km/h=km/h kmh=km/h kph=km/h kph=km/h "   \
	"mph=mph m/s=m/s kt=knot kts=knot kn=knot mm=mm cm=cm km=km ft=foot hpa=hpa mb=hpa "       \
	"mbar=hpa inhg=inhg mmhg=mmhg %=percent ٪=percent ％=percent ‰=permille bps=basis-point " \
	"bp=basis-point usd=USD eur=EUR gbp=GBP jpy=JPY chf=CHF cny=CNY sar=SAR aed=AED inr=INR "  \
	"krw=KRW brl=BRL €=EUR £=GBP ₹=INR ₩=KRW °=degree "

const struct language_words language_words[] = {
	{ .code = "en",
	  .function = "the of and to in a is that for it on with as was at by from this be are or "
	    "an will has have not but were which their than its after over into between",
	  .up = "up rise rises rose risen rising gain gains gained gaining climb* increase* grew grow "
	    "grows growing grown growth advance advances advanced advancing add adds added adding higher "
	    "jump* surge* soar* rally rallied rallies rallying rebound* upturn uptick "
	    "upward* warmer recover* improve* strengthen* expand* expansion accelerat* "
	    "tick*_up edged_up edging_up edges_up positive",
	  .down = "down fall falls fell fallen falling drop* decline* declining decreas* lose loses lost "
	    "losing loss losses lower shed sheds shedding slip slips slipped slipping slid slide* "
	    "sliding sank sink sinks sinking sunk dip dips dipped dipping plunge* plunging tumble* "
	    "tumbling retreat* cooler colder weaken* shrank shrink* shrunk "
	    "contract contracted contracting contraction contracts downturn downward* downtick slump* "
	    "ease eased eases easing cut cuts cutting trim* reduc* worse* deteriorat* slow* cool* "
	    "pullback retrac* gave_up gives_up backslid* crash* depreciat* soften*",
	  .minus = "minus negative below_zero below_freezing subzero sub-zero under_zero",
	  .more = "more higher above stronger warmer dearer",
	  .less = "less lower fewer weaker cheaper cooler colder below",
	  .size = "change difference gap swing move spread margin range deviation",
	  .about = "about around roughly nearly=2 approximately almost=2 some over=1 under=2 more_than=1 "
	    "less_than=2 close_to just_over=1 just_under=2 just_above=1 just_below=2 upwards_of=1 "
	    "near circa approx up_to at_least=1 at_most=2 or_so well_over=1 well_under=2 above=1 "
	    "below=2 exceeding=1",
	  .level = "to at from reaching stands stood",
	  .scale = "thousand=3 million=6 billion=9 trillion=12 mn=6 bn=9 tn=12 thousands=3 millions=6 "
	    "billions=9 trillions=12 hundred=2",
	  .unit = UNITS_LATIN "degrees_celsius=celsius degrees_fahrenheit=fahrenheit "
	    "degree_celsius=celsius degree_fahrenheit=fahrenheit "
	    "degrees_c=celsius degrees_f=fahrenheit celsius=celsius fahrenheit=fahrenheit "
	    "degrees=degree degree=degree c=celsius f=fahrenheit "
	    "kilometers_per_hour=km/h kilometres_per_hour=km/h kilometers_an_hour=km/h "
	    "kilometres_an_hour=km/h miles_per_hour=mph miles_an_hour=mph knots=knot "
	    "meters_per_second=m/s metres_per_second=m/s "
	    "millimeters=mm millimetres=mm millimeter=mm millimetre=mm centimeters=cm "
	    "centimetres=cm centimeter=cm centimetre=cm inches=inch inch=inch in.=inch feet=foot "
	    "foot=foot m=m miles=mile mile=mile kilometers=km kilometres=km meters=m metres=m "
	    "hectopascals=hpa hectopascal=hpa millibars=hpa inches_of_mercury=inhg percent=percent "
	    "per_cent=percent pct=percent percentage_points=percentage-point percentage_point=percentage-point "
	    "basis_points=basis-point basis_point=basis-point dollars=USD us_dollars=USD dollar=USD "
	    "us_dollar=USD euros=EUR euro=EUR pounds=GBP yen=JPY riyals=SAR "
	    "us$=USD seconds=second minutes=minute minute=minute hours=hour hour=hour days=day day=day "
	    "weeks=week week=week months=month month=month years=year year=year",
	  .quarter = "quarter q",
	  .related = "to and through until thru or -",
	  .am = "am a.m.", .pm = "pm p.m.",
	  .months = "sept=9" },
	{ .code = "fr",
	  .function = "le la les de des du et un une en est que qui dans pour sur au aux par avec ne "
	    "pas se ce cette plus sont a à son sa ses il elle ont été mais ou où entre après",
	  .up = "hausse* hausses monte montent monté montée grimp* augment* progress* gagn* gain gains "
	    "positif positive* s'élèv* élev* bondi* bond bonds accroît accru* accroissement "
	    "croissance rebond* remont* reprend reprenn* repris avanc* avance "
	    "accélér* s'envol* envol* redress* ajout* renchér* s'appréci* appréci* dépass*",
	  .down = "baiss* recul* chut* perd perdent perdu perdus perdue perte pertes diminu* "
	    "repli* tomb* fléchi* cèd* céd* "
	    "dégring* plong* glisse* gliss* régress* ralenti* contract* dépréci* lâch* abandonn* "
	    "s'effrit* effrit* rétrograd* décroît décru* réduit* réduc* décélér* descend*",
	  .minus = "moins négatif négative sous_zéro au-dessous_de_zéro en_dessous_de_zéro "
	    "en-dessous_de_zéro",
	  .more = "de_plus plus supérieur supérieure", .less = "de_moins moins inférieur inférieure",
	  .size = "écart différence variation amplitude marge",
	  .about = "environ près_de=2 presque=2 quelque quelques autour_de plus_de=1 plus_d'=1 "
	    "moins_de=2 moins_d'=2 à_peu_près approximativement quasiment=2 jusqu'à avoisin* "
	    "au_moins=1 au_plus=2",
	  .level = "à au",
	  .scale = "mille=3 milliers=3 million=6 millions=6 milliard=9 milliards=9 billion=12 "
	    "billions=12 mds=9 md=9 centaines=2",
	  .unit = UNITS_LATIN "m=m degrés_celsius=celsius degré_celsius=celsius degrés=degree degré=degree "
	    "degrés_fahrenheit=fahrenheit kilomètres_par_heure=km/h kilomètres-heure=km/h "
	    "kilomètres_à_l'heure=km/h milles_à_l'heure=mph "
	    "mètres_par_seconde=m/s nœuds=knot millimètres=mm millimètre=mm centimètres=cm "
	    "centimètre=cm pouces=inch pouce=inch kilomètres=km kilomètre=km mètres=m "
	    "hectopascals=hpa millibars=hpa pour_cent=percent pourcent=percent "
	    "points_de_pourcentage=percentage-point point_de_pourcentage=percentage-point points_de_base=basis-point "
	    "point_de_base=basis-point dollars=USD dollar=USD euros=EUR euro=EUR livres=GBP yens=JPY "
	    "yen=JPY $=USD secondes=second minutes=minute minute=minute min=minute heures=hour heure=hour "
	    "jours=day jour=day semaines=week semaine=week mois=month ans=year an=year années=year",
	  .quarter = "trimestre t",
	  .related = "au à et - jusqu'au ou puis",
	  .am = "du_matin", .pm = "de_l'après-midi du_soir",
	  .months = "févr=2 juil=7 sept=9 déc=12" },
	{ .code = "de",
	  .function = "der die das und in den von zu mit ist im des für auf ein eine dem nicht es sich "
	    "auch als an bei aus am wird sind war nach wie über einen einer zum zur hat oder um",
	  .up = "steig* stieg* anstieg* gestiegen* gewinn* gewann* gewonnen zuleg* legt legte legten "
	    "zugelegt klettert* kletter* geklettert wuchs* wächst wachs* gewachsen erhöh* höher* "
	    "zunahme zunehm* nahm zugenommen sprang* sprung aufwärts auftrieb positiv* "
	    "verbesser* aufschlag* verteuer* zugewinn* zuwachs* wärmer* erhol* aufwert* rauf "
	    "hinauf im_plus plus nach_oben besser legt_zu gewachsen anzieh* zog_an",
	  .down = "fall* fäll* fiel* gefallen sank* sink* gesunken rückgang* zurückgeh* zurückgegangen "
	    "zurückging ging* verlor* verlier* verlust* nachgab* gab gaben nachgegeben "
	    "nachgeb* abnahm* abnehm* abgenommen niedriger* rutsch* "
	    "gerutscht abwärts büßt* einbuß* einbüß* eingebüßt abgab* abschlag* verbillig* "
	    "schrumpf* geschrumpft stürz* gestürzt absturz minder* geringer* kälter* kühler* abkühl* "
	    "sackt* schwäch* nachlass* lässt_nach gedrückt drück* abwert* verschlecht* reduzier* kürz* gekürzt bröckel* gab_nach "
	    "ermäßig* tiefer* im_minus nach_unten verlust*",
	  .minus = "minus minus_von negativ unter_null unter_dem_gefrierpunkt",
	  .more = "über oberhalb mehr höher teurer stärker darüber wärmer",
	  .less = "unter unterhalb weniger niedriger billiger schwächer darunter kälter",
	  .size = "differenz unterschied veränderung änderung abstand spanne schwankung",
	  .about = "rund etwa ungefähr circa ca ca. knapp=2 fast=2 nahezu=2 gut=1 mehr_als=1 über=1 "
	    "weniger_als=2 unter=2 annähernd an_die gegen bis_zu mindestens=1 höchstens=2",
	  .level = "auf bei von",
	  .scale = "tausend=3 million=6 millionen=6 mio=6 mio.=6 milliarde=9 milliarden=9 mrd=9 "
	    "mrd.=9 billion=12 billionen=12 hundert=2 tsd=3 tsd.=3",
	  .unit = UNITS_LATIN "m=m grad_celsius=celsius grad_fahrenheit=fahrenheit grad=degree "
	    "kilometer_pro_stunde=km/h kilometern_pro_stunde=km/h stundenkilometer=km/h "
	    "stundenkilometern=km/h meilen_pro_stunde=mph meter_pro_sekunde=m/s knoten=knot "
	    "millimeter=mm millimetern=mm zentimeter=cm zentimetern=cm zoll=inch kilometer=km "
	    "kilometern=km meter=m metern=m hektopascal=hpa millibar=hpa prozent=percent "
	    "prozentpunkte=percentage-point prozentpunkten=percentage-point prozentpunkt=percentage-point "
	    "basispunkte=basis-point basispunkten=basis-point basispunkt=basis-point dollar=USD "
	    "us-dollar=USD euro=EUR yen=JPY pfund=GBP $=USD sekunden=second minuten=minute minute=minute "
	    "stunden=hour stunde=hour tage=day tagen=day tag=day wochen=week woche=week monate=month "
	    "monaten=month jahre=year jahren=year jahr=year",
	  .quarter = "quartal q",
	  .related = "bis und - oder auf zum",
	  .am = "vormittags morgens früh", .pm = "nachmittags abends",
	  .months = "jänner=1", .days = "sonnabend=7" },
	{ .code = "ja",
	  .up = "上昇 増 上が 値上 高騰 上げ幅 上げ プラス 伸び 続伸 反発 急騰 改善 拡大 上回 回復 値上がり 加速",
	  .down = "下落 減 下が 下げ 低下 落 続落 反落 急落 悪化 縮小 下回 値下がり 鈍化 割り込 後退 失",
	  .minus = "マイナス 氷点下 零下",
	  .more = "高 多", .less = "低 安 少", .size = "差 幅 変化 変動",
	  .common = "アシスト アタック アップ アディショナルタイム アメリカ アメリカドル "
	    "アルゼンチン イギリス イタリア インチ インデックス インフレ "
	    "インフレーション ウィークエンド ウェブサイト エリア エネルギー オウンゴール "
	    "オープン オランダ カタール カナダ カップ カメルーン キックオフ キャプテン "
	    "キロメートル クラブ クロアチア グループ グループステージ ゲーム コスト "
	    "コース ゴール ゴールキーパー サウジアラビア サッカー サービス サポーター "
	    "システム シュート シリーズ シーズン スイス スイスフラン スコア スコアレス "
	    "スタジアム スタッフ スタート スペイン スポーツ センチメートル センター "
	    "ゾーン タイトル ダウン チャンス チーム ディフェンス デフレ データ トップ "
	    "トレンド トーナメント ドイツ ドル ドロー ニューヨーク ニュース "
	    "ハットトリック パーセントポイント ハーフタイム バランス パウンド パーセント パーセンテージ "
	    "ヒット ファン フィールド フランス フリーキック ブラジル ブラジルレアル "
	    "プラス プレー プレミアリーグ ベスト ベルギー ペナルティー "
	    "ペナルティーキック ホーム ホームチーム アウェー アウェイ ポイント ポンド "
	    "ポルトガル マイナス マーケット マッチ ミリメートル メキシコ メダル "
	    "メンバー メートル モロッコ ヤード ユーロ ヨーロッパ ライバル ラウンド "
	    "ランキング リスク リーグ リード レベル レート ロスタイム ワールドカップ",
	  .about = "約 およそ ほぼ 程度 ほど 前後 近く=2 余り=1 以上=1 未満=2 超=1 強=1 弱=2 最大",
	  .level = "に で へ から まで と は",
	  .scale = "千=3 万=4 億=8 兆=12 百万=6 十億=9",
	  .unit = UNITS_LATIN "m=m 度=degree ℃=celsius 摂氏=celsius 華氏=fahrenheit ミリ=mm ミリメートル=mm "
	    "センチ=cm センチメートル=cm メートル=m キロメートル=km インチ=inch ヘクトパスカル=hpa "
	    "パーセント=percent パーセントポイント=percentage-point ポイント=percentage-point ベーシスポイント=basis-point ドル=USD 米ドル=USD 円=JPY "
	    "ユーロ=EUR 時速=km/h 毎時=km/h 秒速=m/s 毎秒=m/s メートル毎秒=m/s マイル=mile ノット=knot 秒=second 分=minute "
	    "時間=hour 日間=day 週間=week か月=month カ月=month ヶ月=month 年間=year 年=year ¥=JPY $=USD",
	  .quarter = "四半期",
	  .related = "から ~ 〜 - と 、 ・ および まで",
	  .am = "午前", .pm = "午後" },
	{ .code = "ar",
	  .function = "في من على إلى أن التي الذي هذا هذه مع عن كان كانت ما لا بعد قبل بين كما حيث "
	    "خلال عند أو ثم قد لم حتى كل ذلك وقد وكان",
	  .up = "ارتفع* ارتفاع* يرتفع ترتفع مرتفع* زاد زادت زيادة* بزيادة يزيد تزيد صعد صعدت صعود* "
	    "يصعد كسب كسبت مكاسب ربح نمو نما نمت ينمو قفز قفزت قفزة تحسن* "
	    "تقدم تقدمت مضيفا مضيفة أضاف أضافت تعافى تعافت ازداد ازدادت تجاوز",
	  .down = "انخفض* انخفاض* ينخفض تنخفض منخفض* هبط* هبوط* يهبط تهبط تراجع* يتراجع تتراجع متراجع* "
	    "خسر* خسائر خسارة يخسر فقد فقدت نزل* نزول* انكماش* انكمش* "
	    "تقلص* تدن* نقص* ضعف* تقهقر تباطؤ* تباطأ*",
	  .minus = "ناقص سالب تحت_الصفر دون_الصفر",
	  .more = "أكثر أعلى زيادة", .less = "أقل أدنى",
	  .size = "فارق الفارق فرق الفرق تغير التغير تغيرا بفارق",
	  .about = "حوالي نحو قرابة=2 تقريبا زهاء ما_يقارب أكثر_من=1 أقل_من=2 يقارب قرب نحوا حدود",
	  .level = "إلى عند",
	  .scale = "ألف=3 آلاف=3 ألفا=3 مليون=6 ملايين=6 مليونا=6 مليار=9 مليارات=9 مليارا=9 بليون=9 "
	    "تريليون=12 تريليونات=12 مئة=2",
	  .unit = UNITS_LATIN "درجة_مئوية=celsius درجات_مئوية=celsius مئوية=celsius °م=celsius "
	    "درجة_فهرنهايت=fahrenheit فهرنهايت=fahrenheit درجة=degree درجات=degree "
	    "كيلومترا_في_الساعة=km/h كيلومتر_في_الساعة=km/h كيلومترات_في_الساعة=km/h كم/ساعة=km/h "
	    "كم/س=km/h كلم/ساعة=km/h كم_في_الساعة=km/h ميل_في_الساعة=mph ميلا_في_الساعة=mph "
	    "متر_في_الثانية=m/s عقدة=knot مليمتر=mm ملم=mm مم=mm مليمترا=mm مليمترات=mm "
	    "ملليمتر=mm ميليمتر=mm سنتيمتر=cm سم=cm بوصة=inch كيلومتر=km كيلومترا=km كم=km متر=m مترا=m "
	    "هكتوباسكال=hpa مليبار=hpa بالمئة=percent بالمائة=percent في_المئة=percent "
	    "في_المائة=percent نقطة_مئوية=percentage-point نقاط_مئوية=percentage-point نقطة_أساس=basis-point "
	    "نقاط_أساس=basis-point دولار=USD دولارا=USD دولارات=USD دولار_أمريكي=USD يورو=EUR ين=JPY "
	    "ريال=SAR ريالا=SAR درهم=AED جنيه_إسترليني=GBP ثانية=second دقيقة=minute دقائق=minute ساعة=hour "
	    "ساعات=hour يوم=day يوما=day أيام=day أسبوع=week أسابيع=week شهر=month شهرا=month أشهر=month "
	    "عام=year عاما=year أعوام=year سنة=year سنوات=year $=USD",
	  .quarter = "الربع ربع",
	  .related = "إلى و حتى - أو",
	  .am = "صباحا صباح ص فجرا فجر", .pm = "مساء م ظهرا عصرا ليلا ليل ظهر عصر",
	  .months = "كانون_الثاني=1 شباط=2 آذار=3 نيسان=4 أيار=5 حزيران=6 تموز=7 آب=8 أيلول=9 "
	    "تشرين_الأول=10 تشرين_الثاني=11 كانون_الأول=12" },
	{ .code = "es",
	  .function = "el la los las de del y un una en es que por para con se su al lo como más pero "
	    "sus fue ha este entre cuando muy sin sobre también hasta desde",
	  .up = "sub* alza* aument* gan* crec* increment* avanz* repunt* rebot* apreci* se_apreci* sum* "
	    "escal* trep* dispar* revaloriz* encarec* mejor* recuper* positiv* arriba añad* progres*",
	  .down = "baj* cae caen cayó cayeron caída caídas caer cay* perdi* perd* pierd* pérdid* descen* "
	    "disminu* retroce* reduc* desplom* depreci* ced* hund* abarat* desvaloriz* recort* merm* "
	    "devalu* contra* debilit* empeor* deslic* resbal* abajo desciend*",
	  .minus = "menos bajo_cero negativo negativos",
	  .more = "más superior", .less = "menos inferior", .size = "diferencia variación cambio",
	  .about = "unos unas cerca_de casi=2 aproximadamente alrededor_de más_de=1 menos_de=2 en_torno_a "
	    "superó=1 supera=1 superar=1 superaron=1 próximo_a rozó=2 roza=2 por_encima_de=1 "
	    "por_debajo_de=2 hasta apenas=2 al_menos=1 como_mínimo=1 como_máximo=2 poco_más_de=1",
	  .level = "a hasta en",
	  .scale = "mil=3 millón=6 millones=6 billón=12 billones=12",
	  .unit = UNITS_LATIN "m=m grados_celsius=celsius grados=degree kilómetros_por_hora=km/h "
	    "milímetros=mm centímetros=cm kilómetros=km metros=m por_ciento=percent nudos=knot "
	    "punto_porcentual=percentage-point punto_básico=basis-point dólar=USD yenes=JPY yen=JPY libras=GBP pesos=MXN peso=MXN "
	    "puntos_porcentuales=percentage-point puntos_básicos=basis-point dólares=USD euros=EUR $=USD "
	    "minutos=minute minuto=minute horas=hour días=day semanas=week meses=month años=year",
	  .quarter = "trimestre t", .related = "a al y - hasta o",
	  .am = "de_la_mañana", .pm = "de_la_tarde de_la_noche" },
	{ .code = "it",
	  .function = "il lo la i gli le di del della e un una in è che per con si su al non come più "
	    "da dei delle sono ma nel alla anche tra dopo",
	  .up = "sale salgono salita salito saliti aument* guadagn* cresc* rialz* increment* "
	    "progress* avanz*",
	  .down = "scend* sces* cala calo cali calano calato perde perdono perso persi perdita "
	    "diminu* ribass* flession* croll* ced*",
	  .minus = "meno sotto_zero",
	  .about = "circa quasi intorno_a più_di meno_di oltre",
	  .level = "a al",
	  .scale = "mila=3 milione=6 milioni=6 miliardo=9 miliardi=9 trilioni=12",
	  .unit = UNITS_LATIN "m=m gradi_celsius=celsius gradi=degree chilometri_orari=km/h millimetri=mm "
	    "centimetri=cm chilometri=km metri=m per_cento=percent punti_percentuali=percentage-point "
	    "punti_base=basis-point dollari=USD euro=EUR $=USD minuti=minute minuto=minute ore=hour "
	    "giorni=day settimane=week mesi=month anni=year",
	  .quarter = "trimestre t", .related = "a al e - fino o" },
	{ .code = "pt",
	  .function = "o a os as de do da e um uma em é que por para com se no na não mais como dos "
	    "das ao seu sua foi mas entre também até",
	  .up = "sub* sob* alta* aument* ganh* cresc* avanç* valoriz* se_valoriz* apreci* som* escal* "
	    "dispar* salt* encarec* melhor* recuper* positiv* acima acrescent* progred* elev*",
	  .down = "cai caem caiu caíram queda quedas cair perd* desc* baix* diminu* recu* reduz* "
	    "desvaloriz* se_desvaloriz* depreci* ced* despenc* tomb* afund* barate* encolh* enfraquec* "
	    "pior* desliz* abaixo retroce* contra*",
	  .minus = "menos negativos abaixo_de_zero",
	  .about = "cerca_de quase=2 aproximadamente mais_de=1 menos_de=2 em_torno_de por_volta_de perto_de "
	    "superou=1 supera=1 superar=1 ultrapassou=1 acima_de=1 abaixo_de=2 até pouco_mais_de=1 "
	    "ao_menos=1 pelo_menos=1 no_máximo=2 aproximados uns umas",
	  .level = "para a em",
	  .scale = "mil=3 milhão=6 milhões=6 bilhão=9 bilhões=9 trilhões=12",
	  .unit = UNITS_LATIN "m=m graus_celsius=celsius graus=degree quilômetros_por_hora=km/h "
	    "milímetros=mm centímetros=cm quilômetros=km metros=m por_cento=percent nós=knot $=USD "
	    "ponto_percentual=percentage-point ponto-base=basis-point dólar=USD iene=JPY ienes=JPY reais=BRL "
	    "r$=BRL real=BRL libras=GBP "
	    "pontos_percentuais=percentage-point pontos-base=basis-point dólares=USD euros=EUR minutos=minute "
	    "minuto=minute horas=hour dias=day semanas=week meses=month anos=year",
	  .quarter = "trimestre t", .related = "a e - até ou",
	  .am = "da_manhã da_madrugada", .pm = "da_tarde da_noite" },
	{ .code = "nl",
	  .function = "de het een van en in is dat op te voor met zijn er aan niet ook als bij door "
	    "naar uit om maar wordt was over dan nog heeft die",
	  .up = "steeg* stegen stijg* won wint winnen plus opgelopen gestegen toegenomen toenam* hoger* groei* klom* winst*",
	  .down = "daal* dalen daling* gedaald verlor* verloor verloren verlies* inleverd* ingeleverd kelder* lager* zakt* gezakt kromp krimp* afname afnam*",
	  .minus = "min onder_nul",
	  .about = "ongeveer circa bijna zo'n rond meer_dan minder_dan ruim",
	  .level = "naar tot op",
	  .scale = "duizend=3 miljoen=6 miljard=9 biljoen=12",
	  .unit = UNITS_LATIN "m=m graden_celsius=celsius graden=degree kilometer_per_uur=km/h "
	    "millimeter=mm centimeter=cm kilometer=km meter=m procent=percent "
	    "procentpunt=percentage-point basispunten=basis-point dollar=USD euro=EUR minuten=minute minuut=minute "
	    "uur=hour dagen=day weken=week maanden=month jaar=year",
	  .quarter = "kwartaal k", .related = "tot en - of" },
	/* Recognised, to tell them from the others; their numbers are judged without direction. */
	{ .code = "sv",
	  .function = "och att det i en på är som för av med till den de har inte om ett men var "
	    "från vid kan efter under också mellan" },
	{ .code = "da",
	  .function = "og at det i en på er som for af med til den de har ikke om et men var fra ved "
	    "kan efter også mellem blev" },
	{ .code = "pl",
	  .function = "i w na z do się nie to jest że o od po za przez jak ale oraz dla są który "
	    "która przed był była" },
	{ .code = "tr",
	  .function = "ve bir bu için ile de da olarak daha çok en gibi kadar sonra olan ancak ise "
	    "göre oldu",
	  .up = "yüksel* art* kazan* çık* değer_kazan* prim*",
	  .down = "düş* azal* geril* kayb* değer_kayb* in* kayıp*",
	  .minus = "eksi sıfırın_altında",
	  .scale = "bin=3 milyon=6 milyar=9 trilyon=12",
	  .unit = UNITS_LATIN "m=m derece=degree santigrat=celsius km_hız*=km/h km/sa=km/h km/saat=km/h "
	    "kilometre_hız*=km/h milimetre=mm santimetre=cm kilometre=km metre=m dolar=USD avro=EUR "
	    "dakika=minute saat=hour gün=day hafta=week ay=month yıl=year" },
	{ .code = "zh",
	  .up = "上涨 涨 上升 升 增 上漲 漲 走高 攀升 反弹 回升 扩大 提高 走强 升值 高出",
	  .down = "下跌 跌 下降 降 减 下滑 減 走低 回落 缩小 收窄 走弱 贬值 暴跌 下挫 低于 损失",
	  .minus = "零下 负 負",
	  .more = "高 多", .less = "低 少", .size = "差 幅度 变化 差距",
	  .about = "约 大约 大概 左右 近=2 接近=2 将近=2 超过=1 逾=1 超=1 余=1 多=1 不到=2 不足=2 以上=1 "
	    "以下=2 突破=1 上下 前后 几乎=2 最多 高达",
	  .level = "至 到 于 为 是 点",
	  .scale = "千=3 万=4 萬=4 亿=8 億=8 兆=12 百万=6 千万=7 百=2 十万=5",
	  .unit = UNITS_LATIN "度=degree 摄氏度=celsius 攝氏度=celsius ℃=celsius 摄氏=celsius 攝氏=celsius "
	    "华氏度=fahrenheit 华氏=fahrenheit 毫米=mm 厘米=cm 公里/小时=km/h 千米/小时=km/h 英里/小时=mph "
	    "公里=km 米/秒=m/s 百帕=hpa 个百分点=percentage-point 百分点=percentage-point "
	    "个基点=basis-point 基点=basis-point 美元=USD 欧元=EUR 日元=JPY 日圆=JPY 人民币=CNY 元=CNY "
	    "英镑=GBP 卢比=INR 卢布=RUB 时速=km/h 节=knot 秒=second 分钟=minute 小时=hour 天=day 周=week "
	    "个月=month 年=year",
	  .quarter = "季度 季",
	  .related = "至 到 - 、 和 与 及 或",
	  .am = "上午 早上 凌晨 清晨 早晨", .pm = "下午 晚上 傍晚 夜间 晚 中午 夜里",
	  .days = "星期日=1 星期天=1 周日=1 周天=1 礼拜天=1 星期一=2 周一=2 星期二=3 周二=3 星期三=4 周三=4 "
	    "星期四=5 周四=5 星期五=6 周五=6 星期六=7 周六=7" },
	{ .code = "ko",
	  .up = "상승* 오른* 올라* 올랐* 증가* 뛰* 급등*", .down = "하락* 내린* 내려* 내렸* 감소* 떨어* 급락*",
	  .minus = "영하 마이너스",
	  .scale = "천=3 만=4 억=8 조=12",
	  .unit = UNITS_LATIN "년=year 개월=month 주=week 시간=hour 분=minute 도=degree 섭씨=celsius 화씨=fahrenheit 밀리미터=mm 센티미터=cm 킬로미터=km "
	    "퍼센트=percent 헥토파스칼=hpa" },
	{ .code = "he",
	  .up = "עלה עלתה עלייה עליה", .down = "ירד ירדה ירידה",
	  .minus = "מינוס מתחת_לאפס",
	  .scale = "אלף=3 מיליון=6 מיליארד=9",
	  .unit = UNITS_LATIN "מעלות_צלזיוס=celsius מעלות=degree קמ״ש=km/h מ״מ=mm ס״מ=cm ק״מ=km אחוז=percent "
	    "אחוזים=percent  דולר=USD" },
	{ .code = "hi",
	  .up = "बढ़* चढ़* तेजी तेज़ी बढ़त बढ़ोतरी उछल* उछाल उठ* मजबूत* मज़बूत* ऊपर लाभ वृद्धि इजाफा इज़ाफ़ा ज्यादा ज़्यादा",
	  .down = "गिर* घट* गिरावट टूट* लुढ़क* फिसल* कमजोर* कमज़ोर* नुकसान नुक़सान कमी नीचे खो* उतर*",
	  .minus = "शून्य_से_नीचे माइनस ऋणात्मक ऋण",
	  .more = "अधिक ज्यादा ज़्यादा ऊपर", .less = "कम नीचे", .size = "अंतर फर्क फ़र्क बदलाव",
	  .about = "करीब क़रीब लगभग तकरीबन तक़रीबन करीबन आसपास से_अधिक=1 से_ज्यादा=1 से_ज़्यादा=1 से_कम=2 से_ऊपर=1",
	  .level = "पर तक",
	  .scale = "हजार=3 हज़ार=3 लाख=5 करोड़=7 अरब=9 खरब=11 मिलियन=6 बिलियन=9 सौ=2",
	  .unit = UNITS_LATIN "डिग्री_सेल्सियस=celsius डिग्री_फ़ारेनहाइट=fahrenheit डिग्री_फारेनहाइट=fahrenheit "
	    "सेल्सियस=celsius फ़ारेनहाइट=fahrenheit फारेनहाइट=fahrenheit डिग्री=degree किमी/घंटा=km/h "
	    "किमी_प्रति_घंटा=km/h किमी_प्रति_घंटे=km/h किलोमीटर_प्रति_घंटा=km/h किलोमीटर_प्रति_घंटे=km/h "
	    "मील_प्रति_घंटा=mph मील_प्रति_घंटे=mph मिमी=mm मिलीमीटर=mm सेमी=cm सेंटीमीटर=cm इंच=inch "
	    "किमी=km किलोमीटर=km मीटर=m नॉट=knot हेक्टोपास्कल=hpa मिलीबार=hpa "
	    "प्रतिशत=percent फ़ीसदी=percent फीसदी=percent प्रतिशत_अंक=percentage-point "
	    "प्रतिशत_अंकों=percentage-point आधार_अंक=basis-point डॉलर=USD यूरो=EUR येन=JPY पाउंड=GBP "
	    "रुपये=INR रुपए=INR रुपया=INR युआन=CNY सेकंड=second मिनट=minute घंटे=hour घंटा=hour दिन=day "
	    "दिनों=day सप्ताह=week महीने=month साल=year वर्ष=year $=USD",
	  .quarter = "तिमाही",
	  .related = "से और - या तक व",
	  .am = "सुबह सवेरे तड़के पूर्वाह्न", .pm = "शाम रात दोपहर अपराह्न",
	  .days = "बृहस्पतिवार=5 वीरवार=5 गुरुवार=5 इतवार=1" },
	{ .code = "ru",
	  .function = "и в не на что с по как это от за из для к у же или но был была было были также "
	    "его при до после который ещё во она они будет",
	  .up = "вырос* подрос* выраст* дорож* укрепил* окреп* оживил* скакн* взле* потяжелел* потеплел* рост роста росте рост* подн* поднял* подорож* прибав* прирос* увелич* "
	    "повыс* повыш* укреп* взлет* подскоч* добав* плюс* выше выросл* теплее окреп* превыс* "
	    "набрал* в_плюсе положител*",
	  .down = "упал* паден* подеш* дешев* полетел* скатил* похолод* слаб* терял* теря*  пада* сниз* сниж* подешев* потер* опуст* опуска* уменьш* сократ* сокращ* "
	    "ослаб* рухн* обвал* просел* откат* ниже хуже лишил* убав* холоднее отступ* убыт* в_минусе "
	    "минусе отрицател*",
	  .minus = "минус ниже_нуля мороза мороз",
	  .more = "больше выше дороже теплее", .less = "меньше ниже дешевле холоднее",
	  .size = "разница разницей изменение перепад диапазон разрыв",
	  .about = "около примерно приблизительно почти=2 порядка более=1 свыше=1 больше=1 менее=2 меньше=2 "
	    "чуть_более=1 чуть_менее=2 превысил=1 превысила=1 превысило=1 превысили=1 до под=2 близко_к "
	    "не_менее=1 не_более=2",
	  .level = "до на_уровне на_отметке",
	  .scale = "тысяч*=3 тыс=3 тыс.=3 миллион*=6 млн=6 миллиард*=9 млрд=9 триллион*=12 трлн=12",
	  .unit = UNITS_LATIN "градус*=degree градуса_цельсия=celsius градусов_цельсия=celsius "
	    "градус_цельсия=celsius градусов_фаренгейта=fahrenheit градуса_фаренгейта=fahrenheit "
	    "градус_фаренгейта=fahrenheit по_фаренгейту=fahrenheit по_цельсию=celsius "
	    "км/ч=km/h километр*_в_час=km/h километра_в_час=km/h километров_в_час=km/h м/с=m/s "
	    "метров_в_секунду=m/s метра_в_секунду=m/s миль_в_час=mph мили_в_час=mph узлов=knot узла=knot "
	    "мм=mm миллиметр*=mm см=cm сантиметр*=cm км=km километр*=km метр*=m м=m дюйм*=inch гпа=hpa "
	    "гектопаскал*=hpa мм_рт._ст=mmhg процент*=percent процентного_пункта=percentage-point "
	    "процентных_пункта=percentage-point процентных_пунктов=percentage-point "
	    "процентный_пункт=percentage-point п._п=percentage-point п.п=percentage-point "
	    "базисных_пунктов=basis-point базисных_пункта=basis-point доллар*=USD евро=EUR иен*=JPY "
	    "йен*=JPY рубл*=RUB юан*=CNY фунт*=GBP ₽=RUB $=USD секунд*=second минут*=minute час=hour "
	    "часа=hour часов=hour день=day дня=day дней=day недел*=week месяц*=month год=year года=year "
	    "лет=year",
	  .quarter = "квартал*",
	  .related = "до - и или по",
	  .am = "утра ночи", .pm = "вечера дня",
	  .months = "января=1 январе=1 январь=1 январю=1 январём=1 феврале=2 февралю=2 февралём=2 марте=3 "
	    "марту=3 мартом=3 апреле=4 апрелю=4 апрелем=4 мае=5 маю=5 маем=5 июне=6 июню=6 июнем=6 июле=7 "
	    "июлю=7 июлем=7 августе=8 августу=8 августом=8 сентябре=9 сентябрю=9 сентябрём=9 октябре=10 "
	    "октябрю=10 октябрём=10 ноябре=11 ноябрю=11 ноябрём=11 декабре=12 декабрю=12 декабрём=12",
	  .days = "понедельника=2 понедельнику=2 понедельником=2 вторника=3 вторнику=3 вторником=3 среду=4 "
	    "среды=4 среде=4 средой=4 четверга=5 четвергу=5 четвергом=5 пятницу=6 пятницы=6 пятнице=6 "
	    "пятницей=6 субботу=7 субботы=7 субботе=7 субботой=7 воскресенья=1 воскресенью=1 "
	    "воскресеньем=1" },
};
const size_t language_words_count = LEN(language_words);
