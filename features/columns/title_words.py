"""The words of job titles, as `titles` beside it looks for them: plain, whole, `*` for their endings."""

from __future__ import annotations

import re

from features.columns.plain_words import any_of

Rules = tuple[tuple[str, re.Pattern[str]], ...]
"""Names, and the pattern that tells each, in the order in which they are tried."""

NEUTRAL = any_of(
    [
        # They own a thing, or are partners in name only.
        (
            "(product|process|data|service|system|application|project|risk|asset|feature"
            "|solution|platform|control) owner"
        ),
        (
            "(hr|human resources|people|business|channel|technology|talent|finance|it"
            "|delivery|alliance|solutions?) partner"
        ),
        # A lead here is a person, a head is no person.
        "lead (generation|gen|management|nurturing|qualification|scoring)",
        "head ?(hunter|count|quarters?)",
        # They advise others.
        (
            "(adviser|advisor|referent(in)?|berater(in)?|conseill(er|ere)|asesora?"
            "|consulente) (to|of the|for|du|de la|des|del|della|dell|der) .*"
        ),
        # Not in office.
        "(former|ex|retired|future|aspiring|ehemalig\\w*|ancien(ne)?) .*",
    ]
)  # fmt: skip
"""What must not be read as seniority."""

_ASSISTANTS = (
    (
        "(executive|personal|administrative|management|office|legal|team|sales|marketing"
        "|hr|research|teaching|medical|project) assistant"
    ),
    "pa", "ea",
    (
        "(assistant|assistente?|asistente|secretary|aide) (to|of the|for|du|de|des|della"
        "|del|dell|der|di|a la|al) .*"
    ),
    "\\w*assistent(in)?( .*)?", "\\w*assistenz( .*)?", "\\w*sekretar(in)?", "secretaire(?! general)( .*)?",
    "secretari[oa](?! general)( .*)?", "segretari[oa](?! generale)( .*)?", "asistente( .*)?",
    "assistante( .*)?", "executive secretary", "receptionist", "empfang\\w*", "recepcionista",
    "bookkeeping assistant", "assistant$",
)  # fmt: skip
_LEARNERS = (
    "intern", "interns?hip", "trainee", "apprentice*",
    "(working|phd|doctoral|mba|law|medical|graduate|college|university) student",
    "^students?( (at|of|in|bei|an)( .*)?)?$", "student$", "werkstudent*", "studierende*", "studentin",
    "azubi*", "auszubildende*", "\\w*praktikant*", "\\w*volontar*", "stagiaire", "alternant*", "apprenti",
    "apprentie", "etudiant*", "becari[oa]", "practicante", "estudiante", "aprendi[zc]\\w*", "stagista",
    "tirocinante", "studente(ssa)?", "apprendista", "dualer? student*", "volunteer", "bewerber(in)?",
    "junior", "jr", "juniorberater(in)?",
)  # fmt: skip
_OWNERS = (
    "owner", "co ?owner", "(co ?)?founder", "founding (partner|member)", "(co )?proprietor",
    "\\w*inhaber(in)?", "eigentumer(in)?", "(mit)?(be)?grunder(in)?", "\\w*gesellschafter(in)?",
    "(co ?)?fondateur", "(co ?)?fondatrice", "proprietaire", "associee?(?= gerant)",
    "chef(fe)? d entreprise", "dirigeante?", "(co ?)?fundador(a)?", "propietari[oa]", "duen[oa]",
    "empresari[oa]", "soci[oa] (fundador|director)(a)?", "titolare", "proprietari[oa]", "(co ?)?fondatore",
    "soci[oa] fondat(ore|rice)", "imprenditore", "imprenditrice", "self employed", "selbstandig\\w*",
    "freelance[rs]?", "freiberufler(in)?", "unternehmer(in)?", "independante?", "autonom[oa]",
    "libero professionista", "entrepreneur(e|in)?",
    "(managing|senior|equity|general|named|audit|tax|law) partner(in)?",
    "partner(in)?(?= (at|bei|chez) |$)", "principal owner", "sole trader",
)  # fmt: skip
_C_LEVEL = (
    "c[eofmtidprcsxhbgnlq]o", "ch?ro", "ciso", "cpto", "cdio", "chro", "c level", "c suite",
    "chief (\\w+ ){1,5}officer", "(\\w+ )?executive officer",
    (
        "chief (executive|financial|finance|operating|operations|technology|technical"
        "|information|marketing|revenue|product|people|data|digital|commercial|growth"
        "|strategy|legal|hr|customer|sales|innovation|security|digital|medical|scientific"
        "|compliance|risk|human resources)( (and|&) .*)?$"
    ),
    "managing director", "president[ae]?", "prasident(in)?", "chair(man|woman|person)?", "board member",
    "member of the board", "geschaftsfuhrer*", "geschaeftsfuehrer*", "geschaftsfuhrend\\w*",
    "geschaftsleiter*", "geschaftsfuhrung", "geschaftsleitung", "gf", "\\w*vorstand(s\\w*)?",
    "vorsitzende*", "aufsichtsrat*", "verwaltungsrat*", "pdg", "p d g", "directeur general( .*)?",
    "directrice generale( .*)?", "dg", "dga", "gerante?", "secretaire generale?", "administrateur delegue",
    "director(a)? general", "directora? ejecutiv[oa]", "gerente general", "consejer[oa] delegad[oa]",
    "secretari[oa] general", "administrador(a)? unic[oa]", "amministrat(ore|rice) (delegat[oa]|unic[oa])",
    "direttore generale", "direttrice generale", "segretari[oa] generale",
)  # fmt: skip
_VICE_PRESIDENTS = (
    "[aseg]?vp", "vice ?president*", "vice ?prasident*", "vize ?prasident*", "vicepresidencia",
)  # fmt: skip
_DIRECTORS = (
    "directors?", "\\w*direktor(in)?", "directeur", "directrice", "directora", "direttore", "direttrice",
    "dir", "daf", "drh", "dsi", "direction", "prokurist(in)?",
)  # fmt: skip
_LEADERS = (
    # Of a team or a project, not of a function; and those who lead by knowing.
    "team ?lead(er|erin)?", "team ?leit\\w*", "(schicht|gruppen|projekt|filial|markt|bau)leit\\w*",
    "shift (lead|leader)", "(project|programme?) lead(er)?", "chef(fe)? d equipe",
    "chef(fe)? de (projet|produit|rayon|chantier|marche|zone)s?", "jef[ea] de (equipo|proyecto|producto)s?",
    "capo ?(squadra|progetto|turno)", "group leader",
)  # fmt: skip
_TECHNICAL_LEADS = (
    "(tech|technical|technology) lead",
    (
        "lead (\\w+ ){0,2}(engineer|developer|architect|designer|scientist|analyst"
        "|consultant|programmer|tester|researcher|data \\w+)"
    ),
    "lead dev", "^lead \\w+( \\w+)?$",
)  # fmt: skip
_HEADS = (
    "head", "deputy head", "lead", "leader", "\\w*leiter(in)?", "\\w*leitung", "\\w*chef(in)?",
    "leitend\\w*", "chief", "chef(fe)? (de|d|du|des) .*", "jef[ea]", "capo\\w*", "general manager", "gm",
    "dean", "dekan(in)?", "principal investigator", "superintendent", "obmann",
)  # fmt: skip
_MANAGERS = (
    "\\w*manager(in)?s?", "mgr", "supervisor(in|a)?", "coordinator", "\\w*koordinator(in)?", "coordinateur",
    "coordinatrice", "coordinador(a)?", "coordinatore", "responsables?", "responsabil[ei]", "gerentes?",
    "encargad[oa]", "gestionnaire", "gestore", "\\w*verantwortliche*", "foreman", "\\w*meister(in)?",
    "administrator(in)?", "superviseure?", "supervisore", "scrum master", "controller(in)?",
)  # fmt: skip
_SENIORS = (
    "senior", "sr", "snr", "senior\\w+", "seniore?", "principal",
    "staff (?!accountant|nurse|assistant)\\w+", "\\w*expert\\w*", "expertin", "expert[oa]s?", "espert[oa]",
    "fellow", "distinguished \\w+", "confirmee?", "sme", "professor(in)?", "ober\\w+",
)  # fmt: skip
_JUNIORS = (
    "assistant",
    "associate",
    "graduate",
    "entry level",
    "aushilfe",
    "hilfskraft",
    "helper",
    "auxiliar",
    "clerk",
)

SENIORITY_RULES: Rules = (
    ("junior", any_of(_ASSISTANTS)),
    ("junior", any_of(_LEARNERS)),
    ("owner", any_of(_OWNERS)),
    ("vice president", any_of(_VICE_PRESIDENTS)),
    ("head", any_of(["chief of staff"])),
    ("c-level", any_of(_C_LEVEL)),
    ("director", any_of(_DIRECTORS)),
    ("manager", any_of(_LEADERS)),
    ("senior", any_of(_TECHNICAL_LEADS)),
    ("head", any_of(_HEADS)),
    ("manager", any_of(_MANAGERS)),
    ("senior", any_of(_SENIORS)),
    ("junior", any_of(_JUNIORS)),
)

FUNCTION_RULES: Rules = (
    # Pairs of words that mean something else than each alone.
    ("marketing", any_of([
        "product marketing", "marketing \\w+", "\\w*marketing", "media buyer", "media buying",
    ])),
    ("legal", any_of([
        "data protection", "datenschutz*", "dpo", "privacy", "proteccion de datos",
        "protection des donnees",
    ])),
    ("sales", any_of([
        "sales (engineer|operations|ops|support|development)*", "(revenue|rev) ?(operations|ops)",
        "pre ?sales", "solutions? (engineer|consultant)", "business development", "geschaftsentwicklung",
        "biz ?dev", "(sales|vertriebs) .*",
    ])),
    ("support", any_of([
        "customer (success|support|service|care|experience)",
        "(technical|product|application|it) support( .*)?", "help ?desk", "service ?desk",
        "support (engineer|agent|specialist|manager)", "kunden(service|dienst|betreu|support|erfolg)\\w*",
        "service clients?", "relation clients?", "atencion al cliente", "servicio al cliente",
        "assistenza clienti", "servizio clienti", "call ?cent(er|re)( .*)?", "after ?sales",
    ])),
    ("data", any_of([
        "business intelligence", "machine learning", "artificial intelligence", "data (?!cent)\\w+", "bi",
        "ml", "ai", "ki",
    ])),
    ("finance", any_of([
        "financial \\w+", "finance \\w+", "investment \\w+", "(credit|risk|pricing|treasury) analyst",
    ])),
    ("information technology", any_of([
        "data cent(er|re)s?",
        "(it|network|systems?|cyber|information|cloud) (security|admin|administrator)( .*)?",
        "(it|network|systems?|cyber|information|cloud) (engineer|manager|operations)( .*)?",
    ])),
    ("product", any_of([
        "product (manager|management|owner|design\\w*|lead|director|analyst)", "produkt\\w*",
        "chef(fe)? de produits?", "head of product",
    ])),
    ("people", any_of([
        "(people|talent|hr) .*", "human (resources?|capital)", "hr", "hrbp",
    ])),
    # One word.
    ("marketing", any_of([
        "brand*", "growth", "demand", "communications?", "kommunikation*", "cmo", "content", "seo", "sem",
        "pr", "public relations", "social media", "campaigns?", "advertising", "werbung", "presse*",
        "communication", "comunicacion", "comunicazione", "publicidad", "pubblicita", "community", "crm",
        "mercadotecnia", "mercadeo", "copywriter", "events?", "creative*", "art director",
        "lead gen(eration)?",
    ])),
    ("sales", any_of([
        "sales*", "account (executive|manager|director)s?", "key ?account*", "kam", "revenue", "cro", "cso",
        "cco", "\\w*vertrieb*", "\\w*verkauf*", "verkaufer(in)?", "aussendienst*", "innendienst*",
        "commercial[ei]?", "ventes?", "vendeu(r|se)", "ventas", "vended(or|ora|ores)", "comercial(es)?",
        "vendit[ae]", "venditore", "venditrice", "commerciali?", "sdr", "bdr", "territory", "area manager",
        "chief commercial .*", "partner(ship)?s? manager", "partnerships?",
    ])),
    ("finance", any_of([
        "financ\\w*", "finanz\\w*", "cfo", "controll(er|erin|ing)", "account(ing|ant|ants)", "accounts",
        "treasur(y|er)", "audit(or|ing)?s?", "tax", "steuer*", "\\w*buchhalt*", "payroll", "bookkeep*",
        "comptab\\w*", "daf", "tresorer\\w*", "controleu(r|se) de gestion", "contabl[e]s?", "contabilidad",
        "tesorer\\w*", "contabil\\w*", "finanzas", "finanza", "amministrazione", "cpa", "fp&a",
        "rechnungswesen", "bilanz*", "bank\\w*", "underwriter",
    ])),
    ("people", any_of([
        "people", "talent*", "recruit*", "headhunter", "chro", "cho",
        (
            "personal(leit\\w*|wesen|abteilung|referent\\w*|chef\\w*|entwickl\\w*"
            "|verantwort\\w*|manage\\w*|sachbearb\\w*)"
        ),
        "leit(er|erin|ung) personal", "ressources humaines", "rh", "drh", "recursos humanos", "rrhh",
        "risorse umane", "learning", "training", "compensation", "recrutement", "recruteu(r|se)",
        "seleccion", "ausbild(er|ung)\\w*",
    ])),
    ("purchasing", any_of([
        "purchas*", "procurement", "buyer", "buying", "sourcing", "\\w*einkauf*", "\\w*beschaffung*",
        "achats?", "acheteu(r|se)s?", "approvisionnement*", "compras", "comprador(a)?", "acquisti",
        "buyers", "ufficio acquisti", "category manager", "cpo procurement",
    ])),
    ("legal", any_of([
        "legal", "counsel", "lawyer", "attorney", "compliance", "paralegal", "solicitor", "recht*",
        "jurist*", "\\w*anwalt*", "juridique", "juriste", "avocate?", "notaire", "notar(in)?", "abogad[oa]",
        "juridic[oa]", "asesor(a)? (legal|juridic[oa])", "legale", "avvocat[oa]", "clo", "syndikus*",
    ])),
    ("support", any_of([
        "support", "success", "service client", "customer", "kunden\\w*", "clientele",
    ])),
    ("data", any_of([
        "data", "analytics", "analyst(in|e)?", "analysts", "statistic(ian)?s?", "statistiker(in)?",
        "daten\\w*", "analista", "donnees", "datos", "dati", "cdo",
    ])),
    ("research", any_of([
        "research*", "scientist", "r&d", "r & d", "f&e", "r&i", "i\\+d", "professor(in)?", "professeure?",
        "profesor(a)?", "lecturer", "postdoc", "forsch*", "wissenschaft*", "chercheu(r|se)", "recherche",
        "investigador(a)?", "investigacion", "ricercat(ore|rice)", "ricerca", "laborat\\w*", "labor\\w*",
        "innovation", "innovacion",
    ])),
    ("information technology", any_of([
        "it", "information (technology|systems?|security)", "cio", "ciso", "systems?", "infrastruct\\w*",
        "security", "network*", "edv", "sysadmin", "informati\\w*", "dsi", "sistemas", "sistemi",
        "systemes?", "system\\w*", "netzwerk*", "cyber*", "seguridad informatica", "sap", "erp",
        "digital (transformation|officer|workplace)", "digitalisierung*", "cloud", "administrator(in)?",
    ])),
    ("engineering", any_of([
        "engineer*", "developer", "developpeu(r|se)", "software", "cto", "devops", "sre", "architect*",
        "architekt(in)?", "\\w*entwickl*", "\\w*ingenieur*", "ingenier\\w*", "programmer",
        "programmierer(in)?", "programador(a)?", "desarroll\\w*", "ingegner\\w*", "sviluppat(ore|rice)",
        "techni(cal|cian|que|sch\\w*)", "techniker(in)?", "technicien(ne)?", "tecnic[oa]", "full ?stack",
        "front ?end", "back ?end", "qa", "scrum master", "technology", "technolog\\w+", "konstrukt\\w*",
        "lead dev", "mechanic\\w*", "\\w*technik\\w*", "tech",
    ])),
    ("product", any_of([
        "product", "cpo", "ux", "ui", "design*", "disenad(or|ora)", "produits?", "producto", "prodotto",
        "progettista", "designer",
    ])),
    ("operations", any_of([
        "operat\\w*", "coo", "logisti*", "logisti(que|co|ca)", "supply ?chain", "ops", "production",
        "plant", "manufacturing", "warehouse", "quality", "qualitat*", "\\w*produktion*", "fertigung*",
        "betrieb*", "lager*", "facility", "facilities", "maintenance", "exploitation", "qualite", "usine",
        "operacion(es)?", "operazioni", "produccion", "produzione", "almacen", "calidad", "qualita",
        "logistica", "fabrica", "werk(s)?leit\\w*", "instandhaltung*", "project*", "projekt*", "projets?",
        "proyectos?", "progett[io]", "progetto", "programme?", "pmo", "prozess*", "process",
        "office manager", "transport\\w*", "fleet", "fuhrpark*", "store", "filial\\w*", "magasin", "tienda",
    ])),
    ("general management", any_of([
        "ceo", "chief executive( .*)?", "(co ?)?owner", "(co ?)?founder", "(?<!vice )president[ae]?",
        "prasident(in)?", "vorstand*", "managing \\w+", "general (manager|management|director)",
        "geschaftsfuhr*", "geschaeftsfuehr*", "geschaftsleit*", "gf", "\\w*inhaber(in)?",
        "(mit)?(be)?grunder(in)?", "\\w*gesellschafter(in)?", "pdg", "p d g", "dg", "dga",
        "directeur general( .*)?", "directrice generale( .*)?", "gerante?", "(co ?)?fondat(eur|rice|ore)",
        "dirigeante?", "chef(fe)? d entreprise", "directora? general", "directora? ejecutiv[oa]",
        "gerente general", "consejer[oa] delegad[oa]", "(co ?)?fundador(a)?", "propietari[oa]",
        "proprietaire", "duen[oa]", "empresari[oa]", "titolare", "amministrat(ore|rice) .*",
        "direttore generale", "direttrice generale", "imprendit(ore|rice)", "proprietari[oa]",
        "chair(man|woman|person)?", "board( .*)?", "executive director", "entrepreneur*", "self employed",
        "unternehmer(in)?", "eigentumer(in)?", "chief of staff", "direction generale", "direccion general",
        "direzione generale", "sole trader", "executive officer", "gm", "dirigente", "secretaire generale?",
        "secretari[oa] general", "segretari[oa] generale",
    ])),
)  # fmt: skip
