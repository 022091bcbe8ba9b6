"""Who there is: organs, units and groups of the seeds, and how they changed until 2026.

What is not verified is marked in ../README.md. A collective that a seed names without saying who
belongs to it is one unit whose id ends in `-chung`.
"""

import csv
from collections import Counter
from datetime import date

from .book import slug

OPENING = date(2013, 12, 2)
"""The ledger is opened. What existed then is formed on that day: when it was set up is not told."""

SPLIT_OF_TU_LIEM = date(2014, 4, 1)
PARTY_2025 = date(2025, 2, 28)
DEPARTMENTS_2025 = date(2025, 3, 1)
COMMUNES_2025 = date(2025, 7, 1)

CENTRAL = [
    ("bct", "Bộ Chính trị"),
    ("tw-bbt", "Ban Bí thư Trung ương Đảng"),
    ("qh", "Quốc hội"),
    ("ubtvqh", "Ủy ban Thường vụ Quốc hội"),
    ("cp", "Chính phủ"),
    ("ttg", "Thủ tướng Chính phủ"),
]

CITY = [
    ("hn-tu", "Thành ủy Hà Nội", "party_committee", None),
    ("hn-btv", "Ban Thường vụ Thành ủy Hà Nội", "party_committee", "hn-tu"),
    ("hn-btg", "Ban Tuyên giáo Thành ủy Hà Nội", "party_body", "hn-tu"),
    ("hn-bdv", "Ban Dân vận Thành ủy Hà Nội", "party_body", "hn-tu"),
    ("hn-btctu", "Ban Tổ chức Thành ủy Hà Nội", "party_body", "hn-tu"),
    ("hn-bnc", "Ban Nội chính Thành ủy Hà Nội", "party_body", "hn-tu"),
    ("hn-ubkt", "Ủy ban Kiểm tra Thành ủy Hà Nội", "party_body", "hn-tu"),
    ("hn-vptu", "Văn phòng Thành ủy Hà Nội", "party_body", "hn-tu"),
    ("hn-bcsd", "Ban cán sự đảng UBND thành phố Hà Nội", "party_committee", "hn-tu"),
    ("hn-dutt-chung", "Các đảng ủy trực thuộc Thành ủy Hà Nội (chưa có danh sách)", "party_committee", "hn-tu"),
    ("hn-hdnd", "Hội đồng nhân dân thành phố Hà Nội", "other", None),
    ("hn-ubnd", "Ủy ban nhân dân thành phố Hà Nội", "peoples_committee", "cp"),
    ("hn-mttq", "Ủy ban Mặt trận Tổ quốc Việt Nam thành phố Hà Nội", "mass_organisation", None),
    ("hn-ldld", "Liên đoàn Lao động thành phố Hà Nội", "mass_organisation", None),
    ("hn-hnd", "Hội Nông dân thành phố Hà Nội", "mass_organisation", None),
    ("hn-dtn", "Đoàn Thanh niên Cộng sản Hồ Chí Minh thành phố Hà Nội", "mass_organisation", None),
    ("hn-hlhpn", "Hội Liên hiệp Phụ nữ thành phố Hà Nội", "mass_organisation", None),
    ("hn-hccb", "Hội Cựu chiến binh thành phố Hà Nội", "mass_organisation", None),
    ("hn-dvsn-chung", "Các đơn vị sự nghiệp trực thuộc UBND thành phố Hà Nội (chưa có danh sách)", "public_service", "hn-ubnd"),
    ("hn-press-chung", "Các cơ quan báo chí thành phố Hà Nội (chưa có danh sách)", "press", None),
    ("hn-truyen-thong-chung", "Các cơ quan truyền thông (chưa có danh sách)", "press", None),
    ("hn-lien-quan-chung", "Các cơ quan, đơn vị liên quan (chưa có danh sách)", "other", None),
    ("gop-y-chung", "Các bộ, ban, ngành Trung ương, các địa phương, chuyên gia, nhà khoa học, nhà quản lý (chưa có danh sách)", "other", None),
]

DEPARTMENTS = [
    ("hn-snv", "Sở Nội vụ"),
    ("hn-sldtbxh", "Sở Lao động - Thương binh và Xã hội"),
    ("hn-stc", "Sở Tài chính"),
    ("hn-skhdt", "Sở Kế hoạch và Đầu tư"),
    ("hn-snnptnt", "Sở Nông nghiệp và Phát triển nông thôn"),
    ("hn-stnmt", "Sở Tài nguyên và Môi trường"),
    ("hn-skhcn", "Sở Khoa học và Công nghệ"),
    ("hn-stttt", "Sở Thông tin và Truyền thông"),
    ("hn-sxd", "Sở Xây dựng"),
    ("hn-sgtvt", "Sở Giao thông vận tải"),
    ("hn-sngv", "Sở Ngoại vụ"),
    ("hn-stp", "Sở Tư pháp"),
    ("hn-sct", "Sở Công Thương"),
    ("hn-svhtt", "Sở Văn hóa và Thể thao"),
    ("hn-sdl", "Sở Du lịch"),
    ("hn-sgddt", "Sở Giáo dục và Đào tạo"),
    ("hn-syt", "Sở Y tế"),
    ("hn-sqhkt", "Sở Quy hoạch - Kiến trúc"),
    ("hn-ttr", "Thanh tra Thành phố"),
    ("hn-vpub", "Văn phòng UBND Thành phố"),
    ("hn-bdt", "Ban Dân tộc"),
]

FORMED_IN_2025 = [
    ("hn-stc-2025", "Sở Tài chính", ["hn-stc", "hn-skhdt"]),
    ("hn-snnmt", "Sở Nông nghiệp và Môi trường", ["hn-snnptnt", "hn-stnmt"]),
    ("hn-skhcn-2025", "Sở Khoa học và Công nghệ", ["hn-skhcn", "hn-stttt"]),
    ("hn-snv-2025", "Sở Nội vụ", ["hn-snv", "hn-sldtbxh"]),
    ("hn-sxd-2025", "Sở Xây dựng", ["hn-sxd", "hn-sgtvt"]),
    ("hn-sdttg", "Sở Dân tộc và Tôn giáo", ["hn-bdt"]),
]

SUCCESSOR = {old: new for new, _, olds in FORMED_IN_2025 for old in olds} | {"hn-sngv": "hn-vpub"}

NOT_TRANSFERRED = ["hn-bdt", "hn-skhcn"]
"""Departments whose open synthetic obligations nobody moved: they stay with the ended unit."""

DEPARTMENTS_NOW = sorted(
    ({unit for unit, _ in DEPARTMENTS} - SUCCESSOR.keys()) | {unit for unit, _, _ in FORMED_IN_2025}
)

HCM = [
    ("hcm-tu", "Thành ủy Thành phố Hồ Chí Minh", "party_committee", None),
    ("hcm-btv", "Ban Thường vụ Thành ủy Thành phố Hồ Chí Minh", "party_committee", "hcm-tu"),
    ("hcm-btg", "Ban Tuyên giáo Thành ủy Thành phố Hồ Chí Minh", "party_body", "hcm-tu"),
    ("hcm-bdv", "Ban Dân vận Thành ủy Thành phố Hồ Chí Minh", "party_body", "hcm-tu"),
    ("hcm-ubnd", "Ủy ban nhân dân Thành phố Hồ Chí Minh", "peoples_committee", "cp"),
    ("hcm-dusgd", "Đảng ủy Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh", "party_committee", None),
    ("hcm-dusgd-vp", "Văn phòng Đảng ủy Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh", "party_body", "hcm-dusgd"),
    ("hcm-chibo-chung", "Các đảng bộ, chi bộ trực thuộc Đảng ủy Sở Giáo dục và Đào tạo (chưa có danh sách)", "party_committee", "hcm-dusgd"),
    ("hcm-cap-uy-chung", "Cấp ủy (chưa có danh sách)", "party_committee", None),
    ("hcm-chinh-quyen-chung", "Chính quyền; các cấp, các ngành (chưa có danh sách)", "other", None),
    ("hcm-he-thong-chung", "Hệ thống chính trị (chưa có danh sách)", "other", None),
]

RANKS = {"Quận": ("q", "quận", "qu", "Quận ủy"), "Huyện": ("h", "huyện", "hu", "Huyện ủy"), "Thị xã": ("tx", "thị xã", "tu", "Thị ủy")}


class District:
    """A district-level unit: its People's Committee and its Party committee."""

    def __init__(self, title, code):
        rank = next(rank for rank in RANKS if title.startswith(rank))
        letter, word, party, committee = RANKS[rank]
        self.title, self.code, self.name = title, code, title.removeprefix(rank).strip()
        self.unit = f"hn-{letter}-{slug(self.name)}"
        self.party = f"hn-{party}-{slug(self.name)}"
        self.unit_name = f"UBND {word} {self.name}"
        self.party_name = f"{committee} {self.name}"
        self.communes = []
        self.took = Counter()
        """How many of the district's old communes went, at least in part, to each commune."""

    def seat(self):
        """The commune that kept the district's name, else the one that took most of it."""
        same_name = [commune for commune in self.communes if slug(commune.name) == slug(self.name)]
        most = max(self.communes, key=lambda commune: (self.took[commune], commune.code))
        return (same_name or [most])[0]


class Commune:
    """A commune-level unit of 2025: its People's Committee and its Party committee."""

    def __init__(self, title, code):
        rank, self.name = title.split(" ", 1)
        self.code, self.title = code, title
        self.unit = f"hn-{rank[0].lower()}-{slug(self.name)}"
        self.party = f"hn-du-{rank[0].lower()}-{slug(self.name)}"
        self.unit_name = f"UBND {rank.lower()} {self.name}"
        self.party_name = f"Đảng ủy {rank.lower()} {self.name}"


class Territory:
    """The 30 districts, the 126 communes, and which district went into which communes."""

    def __init__(self, communes, succession):
        with open(communes, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.communes = [Commune(row["name"], row["code"]) for row in rows]
        by_code = {commune.code: commune for commune in self.communes}
        self.districts = {}
        with open(succession, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                title, code = row["old_district"], row["old_district_code"]
                district = self.districts.setdefault(code, District(title, code))
                commune = by_code[row["new_commune_code"]]
                district.took[commune] += 1
                if commune not in district.communes:
                    district.communes.append(commune)
        self.districts = list(self.districts.values())
        self.tu_liem = District("Huyện Từ Liêm", None)

    def from_tu_liem(self):
        return [district for district in self.districts if district.name.endswith("Từ Liêm")]

    def before_the_split(self):
        others = [district for district in self.districts if district not in self.from_tu_liem()]
        return [*others, self.tu_liem]


def form(book, day, unit, name, kind, parent=None, code=None, basis=None):
    data = {"unit": unit, "name": name, "kind": kind, "parent": parent, "code": code, "basis": basis}
    book.add("unit.form", day, data)


def form_district(book, day, district):
    form(book, day, district.unit, district.unit_name, "district", "hn-ubnd", district.code)
    form(book, day, district.party, district.party_name, "party_committee", "hn-tu")


def tell_opening(book, territory):
    for unit, name in CENTRAL:
        form(book, OPENING, unit, name, "central")
    for unit, name, kind, parent in CITY + HCM:
        form(book, OPENING, unit, name, kind, parent)
    for unit, name in DEPARTMENTS:
        form(book, OPENING, unit, name, "department", "hn-ubnd")
    for unit, name in PARKS:
        form(book, OPENING, unit, name, "other", "hn-ubnd")
    for district in territory.before_the_split():
        form_district(book, OPENING, district)
    for group, name, members in groups(territory):
        book.add("group.define", OPENING, {"group": group, "name": name, "members": members})


PARKS = [
    ("hn-bql-hoa-lac", "Ban Quản lý Khu công nghệ cao Hòa Lạc"),
    ("hn-bql-kcn", "Ban Quản lý các khu công nghiệp và chế xuất Hà Nội"),
]


def groups(territory):
    districts = territory.before_the_split()
    unions = ["hn-ldld", "hn-hnd", "hn-dtn", "hn-hlhpn", "hn-hccb"]
    return [
        ("hn-sbn", "Các sở, ban, ngành Thành phố", [unit for unit, _ in DEPARTMENTS]),
        ("hn-qhtu", "Các quận, huyện, thị ủy", [district.party for district in districts]),
        ("hn-ubqh", "UBND các quận, huyện, thị xã", [district.unit for district in districts]),
        ("hn-dutt", "Các đảng ủy trực thuộc Thành ủy", ["hn-dutt-chung"]),
        ("hn-ctxh", "Các đoàn thể chính trị - xã hội Thành phố", unions),
        ("hn-bandang", "Các ban Đảng Thành ủy", ["hn-btctu", "hn-bdv", "hn-bnc", "hn-ubkt"]),
        ("hn-dvsn", "Các đơn vị sự nghiệp trực thuộc UBND Thành phố", ["hn-dvsn-chung"]),
        ("hn-press", "Các cơ quan báo chí thành phố Hà Nội", ["hn-press-chung"]),
        ("hcm-chibo", "Các đảng bộ, chi bộ trực thuộc Đảng ủy Sở Giáo dục và Đào tạo", ["hcm-chibo-chung"]),
    ]


def tell_split_of_tu_liem(book, territory):
    parts = territory.from_tu_liem()
    for district in parts:
        form_district(book, SPLIT_OF_TU_LIEM, district)
    for old, news in [
        (territory.tu_liem.unit, [part.unit for part in parts]),
        (territory.tu_liem.party, [part.party for part in parts]),
    ]:
        book.add("unit.divide", SPLIT_OF_TU_LIEM, {"unit": old, "among": news})
        group = "hn-ubqh" if old == territory.tu_liem.unit else "hn-qhtu"
        book.add("group.change", SPLIT_OF_TU_LIEM, {"group": group, "add": news, "remove": [old]})


def merge(book, day, units, into, basis=None, transfer=()):
    data = {"units": units, "into": into, "transfer": list(transfer), "basis": basis}
    book.add("unit.merge", day, data, synthetic=bool(transfer))


def tell_party_of_2025(book):
    day = date(2025, 2, 3)
    form(book, day, "hcm-btgdv", "Ban Tuyên giáo và Dân vận Thành ủy Thành phố Hồ Chí Minh", "party_body", "hcm-tu")
    merge(book, day, ["hcm-btg", "hcm-bdv"], "hcm-btgdv")
    day = PARTY_2025
    form(book, day, "hn-btgdv", "Ban Tuyên giáo và Dân vận Thành ủy Hà Nội", "party_body", "hn-tu")
    merge(book, day, ["hn-btg", "hn-bdv"], "hn-btgdv")
    form(book, day, "hn-du-ubnd", "Đảng ủy UBND thành phố Hà Nội", "party_committee", "hn-tu")
    form(book, day, "hn-du-cqd", "Đảng ủy các cơ quan Đảng thành phố Hà Nội", "party_committee", "hn-tu")
    book.add("unit.dissolve", day, {"unit": "hn-bcsd"})
    book.add("group.change", day, {"group": "hn-bandang", "add": ["hn-btgdv"], "remove": ["hn-bdv"]})
    book.add("group.change", day, {"group": "hn-dutt", "add": ["hn-du-ubnd", "hn-du-cqd"]})


def tell_departments_of_2025(book, transfers):
    """`transfers` names the synthetic obligations that move with each ended department."""
    basis = "nq-sap-xep-so_2025-02-25_hn-hdnd"
    data = {
        "document": basis,
        "type": "Nghị quyết",
        "issuer": "hn-hdnd",
        "date": "2025-02-25",
        "subject": "Sắp xếp các cơ quan chuyên môn thuộc UBND Thành phố (theo tin báo chí, chưa rõ số và trích yếu)",
    }
    book.add("document.issue", date(2025, 2, 25), data, actor="clerk-hn-hdnd")
    day = DEPARTMENTS_2025
    for unit, name, _ in FORMED_IN_2025:
        form(book, day, unit, name, "department", "hn-ubnd", basis=basis)
    form(book, day, "hn-bql-kcnc-kcn", "Ban Quản lý Khu công nghệ cao và Khu công nghiệp thành phố Hà Nội", "other", "hn-ubnd", basis=basis)
    press = "Chức năng quản lý nhà nước về báo chí, xuất bản (chưa kiểm chứng)"
    book.add("unit.cede_part", day, {"unit": "hn-stttt", "to": "hn-svhtt", "what": press, "basis": basis})
    mergers = [(olds, new) for new, _, olds in FORMED_IN_2025]
    mergers += [(["hn-sngv"], "hn-vpub"), (["hn-bql-hoa-lac", "hn-bql-kcn"], "hn-bql-kcnc-kcn")]
    for olds, new in mergers:
        moved = [obligation for old in olds for obligation in transfers.get(old, [])]
        tell_merger(book, day, olds, new, basis, moved)
    add = [unit for unit, _, _ in FORMED_IN_2025]
    book.add("group.change", day, {"group": "hn-sbn", "add": add, "remove": sorted(SUCCESSOR)})


def tell_merger(book, day, olds, new, basis, moved):
    """The merger is a fact; what moves with it is invented, and told in a line of its own."""
    merge(book, day, olds, new, basis)
    if moved:
        merge(book, day, olds, new, basis, moved)


def tell_communes_of_2025(book, territory):
    basis = "1656-nq-ubtvqh15_2025-06-16_ubtvqh"
    data = {
        "number": "1656/NQ-UBTVQH15",
        "type": "Nghị quyết",
        "issuer": "ubtvqh",
        "date": "2025-06-16",
        "subject": "Sắp xếp các đơn vị hành chính cấp xã của thành phố Hà Nội năm 2025",
    }
    book.add("document.issue", date(2025, 6, 16), data, actor="clerk-ubtvqh")
    day, communes, districts = COMMUNES_2025, territory.communes, territory.districts
    for commune in communes:
        form(book, day, commune.unit, commune.unit_name, "commune", "hn-ubnd", commune.code, basis)
        form(book, day, commune.party, commune.party_name, "party_committee", "hn-tu")
    for district in districts:
        among = [commune.unit for commune in district.communes]
        book.add("unit.divide", day, {"unit": district.unit, "among": among, "basis": basis})
        among = [commune.party for commune in district.communes]
        book.add("unit.divide", day, {"unit": district.party, "among": among})
    for old, new, name, ended, formed in [
        ("hn-ubqh", "hn-ubxp", "UBND các xã, phường", [d.unit for d in districts], [c.unit for c in communes]),
        ("hn-qhtu", "hn-dxp", "Các đảng ủy xã, phường", [d.party for d in districts], [c.party for c in communes]),
    ]:
        book.add("group.define", day, {"group": new, "name": name, "members": formed})
        book.add("group.change", day, {"group": old, "remove": ended})
