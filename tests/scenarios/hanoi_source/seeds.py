"""What the five source documents say: documents, relations, requirements, tasks. Nothing is invented.

Titles and numbers come from `tests/data/seeds/seed_scenario.json`, quoted passages from the documents
themselves. What they leave unsaid stays absent. The tables say which ledger id an entry gets, and
whom its words mean.
"""

import json
from datetime import date

from .book import slug

ISSUERS = {
    "S0-D1": "hn-tu",
    "S0-D2": "hn-btv",
    "S0-D4": "hn-btg",
    "S1-D1": "hcm-dusgd",
    "S1-D2": "hcm-btg",
    "S1-D3": "hcm-btv",
    "S1-D4": "hcm-btv",
    "S1-D5": "tw-bbt",
    "S1-D6": "cp",
    "S1-D7": "hcm-btv",
    "S1-D8": "ttg",
    "S1-D9": "hcm-ubnd",
    "S2-D1": "hn-ubnd",
    "S2-D2": "hn-btv",
    "S2-D3": "hn-btv",
    "S2-D4": "hn-btg",
    "S3-D1": "hn-btg",
    "S4-D1": "hn-ubnd",
}

ONE_DOCUMENT = {"S0-D3": "S1-D6"}
"""Two rows, one decree: S1 gives its title, S0 does not."""

KINDS = {"S0-D4": "Hướng dẫn", "S3-D2": "Đề án", "S4-D2": "Kế hoạch"}
"""Where the seeds' own word for the type says more than the type."""

KNOWN_BY = {
    "S0-D4": date(2019, 4, 18),
    "S1-D1": date(2024, 12, 25),
    "S1-D3": date(2024, 12, 24),
    "S1-D8": date(2024, 12, 25),
    "S1-D9": date(2024, 12, 25),
    "S2-D3": date(2023, 10, 4),
    "S3-D2": date(2018, 5, 7),
    "S4-D2": date(2023, 2, 1),
    "S4-D3": date(2023, 2, 1),
}
"""For documents without a date: the date of the document that names them. 1138-CV/ĐU is itself undated
and cites a document of 24/12/2024, so it is known from the day after."""

RELATIONS = {
    "sơ kết": "reviews_interim",
    "hướng dẫn": "guides",
    "hướng dẫn (thông tin, tuyên truyền)": "guides",
    "thực hiện": "implements",
    "tổ chức thực hiện": "implements",
    "xây dựng chương trình, kế hoạch thực hiện": "implements",
    "đưa nhiệm vụ vào, theo": "implements",
    "thực hiện đúng": "implements",
    "tiếp tục thực hiện": "continues",
    "gắn với thực hiện": "linked_with",
    "tuyên truyền": "publicises",
    "kế hoạch truyền thông cho": "plans_for",
}

RELATION_WORDS = {
    ("S0-D1", "S0-D2"): (4, "Kế hoạch số 134-KH/TU", "trả lời báo chí."),
    ("S0-D4", "S0-D2"): (14, "báo cáo kết quả 5 năm", "Ban Tuyên giáo Thành ủy."),
    ("S1-D1", "S1-D2"): (12, "Thực hiện Công văn", "Ban Tuyên giáo Thành ủy"),
    ("S1-D1", "S1-D3"): (7, "Về tổ chức", "1179-KL/TU"),
    ("S1-D2", "S1-D3"): (12, "Công văn số 5141-CV/BTGTU", "1179-KL/TU"),
    ("S1-D3", "S1-D4"): (12, "Kết luận số 1179-KL/TU", "cung cấp thông tin cho báo chí"),
    ("S1-D1", "S1-D5"): (14, "gắn với việc thực hiện", "trong tình hình mới"),
    ("S1-D1", "S1-D6"): (14, "Nghị định số 09/2017/NĐ-CP", "đơn vị trực thuộc"),
    ("S1-D1", "S1-D7"): (14, "Quy định số 1374-QĐ/TU", "pháp luật của Nhà nước."),
    ("S1-D1", "S1-D8"): (16, "gắn với thực hiện", "Thủ tướng Chính phủ"),
    ("S1-D1", "S1-D9"): (16, "Chỉ thị 09/CT-UBND", "Ủy ban nhân dân Thành phố"),
    ("S2-D1", "S2-D2", "tuyên truyền"): (5, "Công văn số 3241/UBND-KGVX", "Thành ủy Hà Nội."),
    ("S2-D1", "S2-D2", "tổ chức thực hiện"): (7, "tổ chức thực hiện hiệu quả", "24-CT/TU"),
    ("S2-D1", "S2-D3"): (7, "xây dựng chương trình, kế hoạch", "171-KH/TU"),
    ("S2-D4", "S2-D2"): (9, "thực hiện công tác thông tin", "Ban Tuyên giáo Thành ủy"),
    ("S3-D1", "S3-D2"): (4, "Kế hoạch số 100-KH/BTGTU", "thành phố Hà Nội."),
    ("S4-D2", "S4-D1"): (15, "xác định các nhiệm vụ", "của cơ quan, đơn vị"),
    ("S4-D1", "S4-D3"): (17, "thực hiện đúng quy định", "cho báo chí"),
}

SBN, QHTU, UBQH = {"group": "hn-sbn"}, {"group": "hn-qhtu"}, {"group": "hn-ubqh"}
DVSN, PRESS, CTXH = {"group": "hn-dvsn"}, {"group": "hn-press"}, {"group": "hn-ctxh"}
DUTT, BANDANG, CHIBO = {"group": "hn-dutt"}, {"group": "hn-bandang"}, {"group": "hcm-chibo"}


def units(*names):
    return [{"unit": name} for name in names]


S4_THEMES = units("hn-vpub", "hn-snv", "hn-stttt", "hn-stp", "hn-stc", "hn-skhdt", "hn-svhtt")
LEADS = {
    "S0-T1": units("hn-bcsd"),
    "S0-T2": [SBN],
    "S0-T3": units("hn-stttt"),
    "S0-T4": units("hn-btg"),
    "S0-T5": [QHTU, DUTT, *units("hn-mttq"), CTXH],
    "S0-T6": units("hn-tu"),
    "S1-T2a": units("hcm-cap-uy-chung"),
    "S1-T2b": units("hcm-chinh-quyen-chung"),
    "S1-T5": units("hcm-dusgd-vp"),
    "S1": [CHIBO],
    "S2-T9": [PRESS],
    "S2-T10": [PRESS],
    "S2": [SBN, UBQH],
    "S3-T5": units("hn-btg"),
    "S3-T6": units("hn-btg"),
    "S3-T7": units("hn-btg"),
    "S3": [PRESS],
    "S4-T8": S4_THEMES,
    "S4-T9": S4_THEMES[1:],
    "S4": [SBN, UBQH, DVSN],
}
"""By task, else by seed."""

COORDINATORS = {
    "S0-T4": units("hn-bcsd", "hn-vptu", "hn-lien-quan-chung"),
    "S1-T2b": units("hcm-he-thong-chung"),
    "S2-T3": [*units("hn-mttq"), CTXH],
    "S3-T1c": units("gop-y-chung"),
    "S3-T5": [BANDANG],
    "S4-T5": units("hn-snv"),
}

ASSIGNED_BY = {"S0": "S0-D1", "S1": "S1-D1", "S2": "S2-D1", "S3": "S3-D1", "S4": "S4-D1"}
"""The governing document of each seed."""

QUARTERS = {"quý II/2018": "2018-q2", "quý III/2018": "2018-q3", "quý IV/2018": "2018-q4"}

PASSAGES = {
    "S0-T1": (14,),
    "S0-T2": (14, "các sở, ban, ngành", "Ban Tuyên giáo Thành ủy."),
    "S0-T3": (16,),
    "S0-T4": (18,),
    "S0-T5": (20,),
    "S0-T6": (20, "báo cáo gửi về Thành ủy", "để tổng hợp."),
    "S1-T1": (14,),
    "S1-T2": (16, "2. Triển khai", "Ủy ban nhân dân Thành phố"),
    "S1-T2a": (16, "tăng cường sự lãnh đạo", "của cấp ủy"),
    "S1-T2b": (16, "nâng cao vai trò", "cho báo chí."),
    "S1-T2c": (16, "Đẩy mạnh chuyển đổi số", "1179-KL/TU."),
    "S1-T3": (18,),
    "S1-T4": (20, "Trong quá trình", "Văn phòng Đảng ủy"),
    "S1-T5": (20, "Văn phòng Đảng ủy", "xử lý."),
    "S2-T1": (7, "quán triệt, tuyên truyền", "thành phố Hà Nội”"),
    "S2-T2": (7, "Phát huy vai trò", "cơ quan, đơn vị"),
    "S2-T3": (7, "Phối hợp với MTTQ", "của Ban Thường vụ Thành ủy"),
    "S2-T4": (7, "Tăng cường công tác", "phù hợp khác"),
    "S2-T5": (7, "tiếp nhận, xử lý", "theo quy định"),
    "S2-T6": (7, "Tuyên truyền đẩy mạnh", "thực hiện Chỉ thị"),
    "S2-T7": (7, "đấu tranh phản bác", "thù địch"),
    "S2-T8": (7, "thông tin công khai", "của Nhân dân"),
    "S2-T9": (9, "Các cơ quan báo chí", "Ban Tuyên giáo Thành ủy"),
    "S2-T10": (9, "Đẩy mạnh chuyển đổi số", "của Thành phố."),
    "S3-T1a": (8, "Tuyên truyền các chủ trương", "xây dựng chính quyền đô thị"),
    "S3-T1b": (8, "Phản ánh thực trạng", "trong nước và quốc tế"),
    "S3-T1c": (8, "Bám sát tuyên truyền", "(tháng 5/2018)"),
    "S3-T2a": (10, "Phân tích, tuyên truyền", "cơ quan Trung ương"),
    "S3-T2b": (10, "Tuyên truyền phản ánh", "lần 2."),
    "S3-T3a": (12, "Tuyên truyền khẳng định", "và người dân"),
    "S3-T3b": (12, "Tiếp tục tuyên truyền", "dự thảo Đề án"),
    "S3-T3c": (12, "Chủ động tuyên truyền", "tại Quốc hội."),
    "S3-T4": (14,),
    "S3-T5": (16, "Ban Tuyên giáo Thành ủy", "thành phố Hà Nội."),
    "S3-T6": (16, "Chỉ đạo, hướng dẫn", "thành phố Hà Nội"),
    "S3-T7": (16, "theo dõi, đôn đốc", "cơ quan báo chí."),
    "S3-T8": (18,),
    "S4-T1": (11,),
    "S4-T2": (15, "UBND Thành phố giao", "của cơ quan, đơn vị"),
    "S4-T3": (15, "chủ động tổ chức", "hiệu quả."),
    "S4-T4": (17, "Thực hiện đầy đủ", "hiệu quả CCHC"),
    "S4-T5": (17, "Tổng hợp báo cáo", "(thông qua Sở Nội vụ)"),
    "S4-T6": (17, "thực hiện đúng", "cho báo chí"),
    "S4-T7": (17, "Báo cáo kết quả", "cuối năm."),
    "S4-T8": (19, "Văn phòng UBND", "truyền thông."),
    "S4-T9": (19, "Các Sở cũng", "PAPI."),
    "RR-S0-1": (14,),
    "RR-S0-2": (16,),
    "RR-S0-3": (20,),
    "RR-S1-1": (18,),
    "RR-S1-2": (20,),
    "RR-S4-1": (17, "Tổng hợp báo cáo", "(thông qua Sở Nội vụ)"),
    "RR-S4-2": (17, "Báo cáo kết quả", "cuối năm."),
}
"""The line of the seed, and the first and last words quoted; the whole line where there are none."""

WINDOW_2019 = {"rule": "fixed", "from": "2014-01-21", "to": "2019-03-31"}
OUTLINE_2019 = [
    "Kết quả công tác chỉ đạo phổ biến, quán triệt và ban hành các văn bản, cơ chế chính sách, kế hoạch triển khai",
    "Nhận thức, vai trò, trách nhiệm và công tác phối hợp của cấp ủy, chính quyền, ngành, đoàn thể",
    "Kết quả đạt được",
    "Tồn tại, hạn chế và nguyên nhân; khó khăn, vướng mắc",
    "Bài học kinh nghiệm",
    "Khó khăn, thách thức trong thời gian tới",
    "Nhiệm vụ, giải pháp nâng cao chất lượng, hiệu quả",
]
THEMATIC_2019 = {"kind": "thematic", "cadence": "once", "window": WINDOW_2019, "outline": OUTLINE_2019}
REQUIREMENTS = {
    "RR-S0-1": {**THEMATIC_2019, "reporters": [SBN]},
    "RR-S0-2": {
        **THEMATIC_2019,
        "reporters": units("hn-stttt"),
        "directed_by": ["S0-D3", "S0-D2"],
    },
    "RR-S0-3": {
        **THEMATIC_2019,
        "reporters": [QHTU, DUTT, *units("hn-mttq"), CTXH],
        "via": "hn-btg",
        "to": {"unit": "hn-tu"},
    },
    "RR-S1-1": {
        "kind": "periodic",
        "cadence": "yearly",
        "reporters": [CHIBO],
        "host_report": "Báo cáo công tác đánh giá hàng năm",
    },
    "RR-S1-2": {
        "kind": "ad_hoc",
        "cadence": "on_event",
        "reporters": [CHIBO],
        "to": {"unit": "hcm-dusgd-vp"},
    },
    "RR-S4-1": {
        "kind": "thematic",
        "cadence": "on_request",
        "reporters": [SBN, UBQH, DVSN],
        "via": "hn-snv",
        "to": {"unit": "hn-truyen-thong-chung"},
    },
    "RR-S4-2": {
        "kind": "periodic",
        "cadence": "quarterly",
        "reporters": [SBN, UBQH, DVSN],
        "host_report": "Báo cáo kết quả công tác CCHC của cơ quan, đơn vị",
    },
}

OWED_ONCE = ["RR-S0-1", "RR-S0-2", "RR-S0-3"]
"""Asked for once: owed from the day of the plan, without a due date. The others are not opened, for
the seeds do not say when their first period begins."""


class Seeds:
    def __init__(self, folder):
        with open(folder / "seed_scenario.json", encoding="utf-8") as file:
            self.table = json.load(file)
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("00*.txt"))]
        self.texts = [text.split("\n") for text in texts]
        rows = {row["id"]: row for row in self.table["documents"]}
        self.documents = {id: row for id, row in rows.items() if id not in ONE_DOCUMENT}

    def document(self, seed_id):
        """The ledger's id of a document."""
        seed_id = ONE_DOCUMENT.get(seed_id, seed_id)
        row = self.documents[seed_id]
        if not row["number"]:
            return seed_id.lower()
        return f"{slug(row['number'])}_{row['date'] or 'undated'}_{ISSUERS[seed_id]}"

    def day(self, seed_id):
        """The day from which the ledger holds a document to exist."""
        seed_id = ONE_DOCUMENT.get(seed_id, seed_id)
        stated = self.documents[seed_id]["date"]
        return date.fromisoformat(stated) if stated else KNOWN_BY[seed_id]

    def passage(self, seed, line, first=None, last=None):
        text = " ".join(self.texts[seed][line - 1].split())
        start = text.index(first) if first else 0
        end = text.index(last, start) + len(last) if last else len(text)
        assert end - start <= 1000, (seed, line)
        return {"text": text[start:end], "place": f"S{seed}:L{line}"}

    def tell(self, book):
        for seed_id, row in self.documents.items():
            self.tell_document(book, seed_id, row)
        for row in self.table["relations"]:
            if row["from"] in self.documents:
                self.tell_relation(book, row)
        for row in self.table["reporting_requirements"]:
            self.tell_requirement(book, row)
        for row in self.table["tasks"]:
            self.tell_task(book, row)

    def tell_document(self, book, seed_id, row):
        issuer = ISSUERS.get(seed_id)
        data = {
            "document": None if row["number"] else seed_id.lower(),
            "number": row["number"],
            "type": KINDS.get(seed_id, row["type"]),
            "issuer": issuer,
            "date": row["date"],
            "subject": subject(row["subject"]),
        }
        book.add("document.issue", self.day(seed_id), data, actor=f"clerk-{issuer or 'registry'}")

    def tell_relation(self, book, row):
        pair, words = (row["from"], row["to"]), row["relation"]
        quoted = RELATION_WORDS.get((*pair, words)) or RELATION_WORDS[pair]
        data = {
            "document": self.document(row["from"]),
            "relation": RELATIONS[words],
            "to": self.document(row["to"]),
            "passage": self.passage(int(row["from"][1]), *quoted),
        }
        book.add("document.relate", self.day(row["from"]), data)

    def tell_requirement(self, book, row):
        governing = ASSIGNED_BY[f"S{row['seed']}"]
        what = REQUIREMENTS[row["id"]]
        rule = {
            "document": self.document(governing),
            "title": row["what"],
            "window": {"rule": "not_stated"},
            "due": {"rule": "not_stated"},
            "day_off": "keep",
            **what,
            "passage": self.passage(row["seed"], *PASSAGES[row["id"]]),
        }
        if "directed_by" in what:
            rule["directed_by"] = [self.document(id) for id in what["directed_by"]]
        id, day, actor = row["id"].lower(), self.day(governing), f"clerk-{ISSUERS[governing]}"
        book.add("requirement.set", day, {"requirement": id, "rule": rule}, actor)
        if row["id"] in OWED_ONCE:
            book.add("period.open", day, {"requirement": id, "period": "so-ket-5-nam"}, actor)

    def tell_task(self, book, row):
        id, seed = row["id"], f"S{row['seed']}"
        governing = ASSIGNED_BY[seed]
        assignment = {
            "document": self.document(governing),
            "title": title(row["task"]),
            "leads": LEADS.get(id) or LEADS[seed],
            "coordinators": COORDINATORS.get(id, []),
            **due(row["deadline"]),
            "part_of": "s1-t2" if id.startswith("S1-T2") and id != "S1-T2" else None,
            "passage": self.passage(row["seed"], *PASSAGES[id]),
        }
        assignment = {key: value for key, value in assignment.items() if value not in (None, [])}
        data = {"task": id.lower(), "assignment": assignment}
        book.add("task.assign", self.day(governing), data, f"clerk-{ISSUERS[governing]}")


def subject(text):
    """The subject without quotation marks and editors' remarks; absent where the seeds give none."""
    text = title(text.strip('"'))
    return None if not text or text.startswith("not stated") else text


def title(text):
    return text.replace(" [sic]", "").removeprefix("— ")


def due(words):
    """A quarter is a due date; "căn cứ thời gian thực tế" waits for an event; the rest states no day."""
    for quarter, period in QUARTERS.items():
        if words.startswith(quarter):
            return {"due": {"rule": "period", "period": period}, "due_text": words}
    if words.startswith("căn cứ thời gian thực tế"):
        event = "Đề án được phê duyệt"
        return {"due": {"rule": "on_event", "event": event}, "due_text": "căn cứ thời gian thực tế"}
    stated = None if words.startswith("not stated") else words.replace('"', "")
    return {"due": {"rule": "not_stated"}, "due_text": stated}
