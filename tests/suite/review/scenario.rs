//! A review to look at: a directive of 2014 reviewed after five years, with made-up results.
//!
//! The document, its plan and guidance are those of a published review; what units did is made up by a
//! fixed rule and marked synthetic.

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use socai_domain::document::{Passage, Relation};
use socai_domain::due::{DayOff, DueRule};
use socai_domain::id::{DocumentId, ObligationId, UnitId};
use socai_domain::inspection;
use socai_domain::line::Line;
use socai_domain::obligation::Kind;
use socai_domain::period::{Cadence, WindowRule};
use socai_domain::rate::{Bucket, DEFINITION};
use socai_domain::standing::DueMode;
use socai_domain::unit::{self, Extent};
use socai_review::facts::{
    Act, ActKind, Asked, BackDated, BackDating, Below, CalendarVersion, Change, Correction, Excuse,
    ExcuseKind, Extension, Finding, FlagsCheck, Form, Formula, Heir, Inspection, Issuer,
    LedgerRead, Lineage, Method, Notes, Paper, Rules, Step, UnitChange,
};
use socai_review::{Asks, Facts, Row, Subjects, Units, count};

const DEPARTMENTS: [&str; 6] = [
    "Sở Thông tin và Truyền thông",
    "Sở Nội vụ",
    "Sở Y tế",
    "Sở Giáo dục và Đào tạo",
    "Sở Văn hóa và Thể thao",
    "Sở Quy hoạch - Kiến trúc",
];
const DISTRICTS: [&str; 8] = [
    "Quận Ba Đình",
    "Quận Đống Đa",
    "Quận Hoàn Kiếm",
    "Quận Hai Bà Trưng",
    "Huyện Ứng Hòa",
    "Huyện Đan Phượng",
    "Huyện Ba Vì",
    "Thị xã Sơn Tây",
];

/// The review of fourteen units and, beyond them, of `communes` more.
pub(super) fn facts(communes: usize) -> Facts {
    let asked = asked();
    let units = units(communes);
    let subjects = subjects();
    let rows = rows(&units, asked.as_of);
    let counted = count(&rows, &units, &subjects, &asked);
    let passed = counted.missed.len() as u64;
    let unflagged = counted
        .missed
        .iter()
        .take(2)
        .map(|row| row.obligation.clone());
    let unflagged: Vec<ObligationId> = unflagged.collect();
    Facts {
        form: Form::V1,
        ledger: LedgerRead {
            origin: "so-cai.example/ha-noi".to_owned(),
            position: 4_812,
            known_at: Some("2019-04-18T02:15:00Z".parse().unwrap()),
            root: Some("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=".to_owned()),
        },
        document: directive(),
        issuer: Some(Issuer {
            unit: unit("hn-btv"),
            name: "Ban Thường vụ".to_owned(),
            kind: unit::Kind::PartyCommittee,
            parent: Some("Thành ủy Hà Nội".to_owned()),
        }),
        chain: chain(),
        flags: FlagsCheck {
            passed,
            flagged: passed - unflagged.len() as u64,
            unflagged,
            flagged_otherwise: vec![obligation("bao-cao-quy_2015-q2_hn-syt")],
        },
        extensions: vec![extension()],
        excuses: vec![excuse()],
        unit_changes: unit_changes(),
        acts: acts(&counted.missed),
        inspections: vec![inspection()],
        notes: notes(),
        method: method(),
        counted,
        asked,
    }
}

fn asked() -> Asked {
    Asked {
        from: date(2014, 1, 21),
        to: date(2019, 3, 31),
        as_of: date(2019, 3, 31),
        due: DueMode::Current,
        lineage: Lineage::Recorded,
        definition: DEFINITION.to_owned(),
    }
}

fn line(text: &str) -> Line {
    Line::new(text).unwrap()
}

fn unit(id: &str) -> UnitId {
    UnitId::new(id).unwrap()
}

fn obligation(id: &str) -> ObligationId {
    ObligationId::new(id).unwrap()
}

fn document(id: &str) -> DocumentId {
    DocumentId::new(id).unwrap()
}

fn units(communes: usize) -> Units {
    let named = |prefix: &'static str, names: &'static [&'static str], kind| {
        let one = move |(n, name): (usize, &&str)| {
            let ended = (*name == "Sở Quy hoạch - Kiến trúc").then(|| date(2018, 10, 1));
            (
                unit(&format!("{prefix}-{n}")),
                ((*name).to_owned(), kind, ended),
            )
        };
        names.iter().enumerate().map(one)
    };
    let communes = (1..=communes).map(|n| {
        let name = format!("Phường {n}");
        (
            unit(&format!("phuong-{n:04}")),
            (name, unit::Kind::Commune, None),
        )
    });
    named("so", &DEPARTMENTS, unit::Kind::Department)
        .chain(named("quan", &DISTRICTS, unit::Kind::District))
        .chain(communes)
        .collect()
}

fn subjects() -> Subjects {
    let row = |id: &str, title: &str, of: &str, name: &str| {
        let passage = (id == "bao-cao-quy").then(|| Passage {
            text: line("định kỳ hằng quý báo cáo"),
            place: Some(line("mục 5")),
        });
        let asks = Asks {
            title: title.to_owned(),
            document: document(of),
            document_name: name.to_owned(),
            passage,
        };
        (id.to_owned(), asks)
    };
    let directive = "Chỉ thị số 25-CT/TU";
    Subjects::from([
        row(
            "bao-cao-quy",
            "Báo cáo quý về phát ngôn và cung cấp thông tin cho báo chí",
            "25-ct-tu",
            directive,
        ),
        row(
            "bao-cao-so-ket",
            "Báo cáo kết quả 5 năm thực hiện Chỉ thị số 25-CT/TU",
            "134-kh-tu",
            "Kế hoạch số 134-KH/TU",
        ),
        row(
            "cu-nguoi-phat-ngon",
            "Cử người phát ngôn và công khai thông tin liên hệ",
            "25-ct-tu",
            directive,
        ),
        row(
            "quy-che-phat-ngon",
            "Xây dựng quy chế phát ngôn và cung cấp thông tin cho báo chí của cơ quan, đơn vị",
            "25-ct-tu",
            directive,
        ),
        row(
            "tap-huan",
            "Tập huấn kỹ năng phát ngôn",
            "huong-dan-btg",
            "Hướng dẫn",
        ),
    ])
}

/// What units did, by a rule without chance: the same in every run.
fn rows(units: &Units, as_of: Date) -> Vec<Row> {
    let mut rows = Vec::new();
    for (n, id) in (0_u32..).zip(units.keys()) {
        for quarter in 0..20_u32 {
            let year = 2014 + i16::try_from(quarter / 4).unwrap();
            let due = date(year, 1, 14) + (i64::from(quarter % 4 + 1) * 3).months();
            let name = format!("bao-cao-quy_{year}-q{}_{id}", quarter % 4 + 1);
            rows.push(row(
                &name,
                Kind::Report,
                id,
                Some(due),
                n * 31 + quarter * 7,
                as_of,
            ));
        }
        let last = format!("bao-cao-so-ket_5-nam_{id}");
        rows.push(row(
            &last,
            Kind::Report,
            id,
            Some(date(2019, 3, 31)),
            n + 3,
            as_of,
        ));
        let tasks = [
            ("cu-nguoi-phat-ngon", Some(date(2014, 6, 30))),
            ("quy-che-phat-ngon", Some(date(2015, 12, 31))),
            ("tap-huan", None),
        ];
        for (turn, (task, due)) in (1_u32..).zip(tasks) {
            rows.push(row(
                &format!("{task}_{id}"),
                Kind::Task,
                id,
                due,
                n * 13 + turn * 5,
                as_of,
            ));
        }
    }
    rows
}

fn row(name: &str, kind: Kind, unit: &UnitId, due: Option<Date>, turn: u32, as_of: Date) -> Row {
    let opened = due.map_or(date(2016, 5, 10), |due| due - 60.days());
    let done = match turn % 17 {
        3 => None,
        7 | 11 => Some(due.unwrap_or(opened) + i64::from(turn % 45 + 1).days()),
        _ => Some(due.unwrap_or(opened + 60.days()) - i64::from(turn % 9).days()),
    };
    let fulfilled = done.filter(|day| *day <= as_of);
    let bucket = match (due, fulfilled) {
        _ if turn % 61 == 60 => Bucket::Excused,
        (None, _) => Bucket::NoDueDate,
        (Some(due), Some(day)) if day <= due => Bucket::OnTime,
        (Some(_), Some(_)) => Bucket::Late,
        (Some(due), None) if as_of <= due => Bucket::Pending,
        (Some(_), None) => Bucket::Overdue,
    };
    Row {
        obligation: obligation(name),
        kind,
        subject: name.split('_').next().unwrap().to_owned(),
        period: (kind == Kind::Report).then(|| name.split('_').nth(1).unwrap().to_owned()),
        unit: unit.clone(),
        opened,
        due,
        original_due: due,
        fulfilled,
        bucket,
        positions: vec![u64::from(turn) + 100, u64::from(turn) + 900],
    }
}

fn directive() -> Paper {
    Paper {
        id: document("25-ct-tu"),
        kind: "Chỉ thị".to_owned(),
        number: Some("25-CT/TU".to_owned()),
        date: Some(date(2014, 1, 21)),
        issuer: Some("Ban Thường vụ Thành ủy Hà Nội".to_owned()),
        subject: Some("về việc cung cấp thông tin và trả lời báo chí".to_owned()),
        secret: false,
    }
}

fn chain() -> Vec<Below> {
    let plan = Paper {
        id: document("134-kh-tu"),
        kind: "Kế hoạch".to_owned(),
        number: Some("134-KH/TU".to_owned()),
        date: Some(date(2019, 4, 18)),
        issuer: Some("Thành ủy Hà Nội".to_owned()),
        subject: Some("Sơ kết 5 năm thực hiện Chỉ thị số 25-CT/TU".to_owned()),
        secret: false,
    };
    let guidance = Paper {
        id: document("huong-dan-btg"),
        kind: "Hướng dẫn".to_owned(),
        number: None,
        date: None,
        issuer: Some("Ban Tuyên giáo Thành ủy".to_owned()),
        subject: Some("xây dựng báo cáo kết quả 5 năm".to_owned()),
        secret: false,
    };
    let top = Step {
        relation: Relation::ReviewsInterim,
        to: document("25-ct-tu"),
        name: "Chỉ thị số 25-CT/TU".to_owned(),
    };
    let on_plan = Step {
        relation: Relation::Guides,
        to: document("134-kh-tu"),
        name: "Kế hoạch số 134-KH/TU".to_owned(),
    };
    vec![
        Below {
            document: plan,
            path: vec![top.clone()],
        },
        Below {
            document: guidance,
            path: vec![on_plan, top],
        },
    ]
}

fn extension() -> Extension {
    Extension {
        obligation: obligation("quy-che-phat-ngon_so-2"),
        title: "Xây dựng quy chế phát ngôn và cung cấp thông tin cho báo chí".to_owned(),
        period: None,
        unit: unit("so-2"),
        name: "Sở Y tế".to_owned(),
        granted_by: "Ban Thường vụ".to_owned(),
        granted_on: date(2015, 9, 20),
        requested: date(2015, 9, 15),
        from: Some(date(2015, 9, 30)),
        to: date(2015, 12, 31),
        before_deadline: true,
        reason: Some("chờ ý kiến góp ý của các đơn vị trực thuộc".to_owned()),
        basis: None,
        position: 1_204,
    }
}

fn excuse() -> Excuse {
    Excuse {
        what: ExcuseKind::Excused,
        obligation: obligation("bao-cao-quy_2018-q4_so-5"),
        title: "Báo cáo quý về phát ngôn và cung cấp thông tin cho báo chí".to_owned(),
        period: Some("2018-q4".to_owned()),
        unit: unit("so-5"),
        name: "Sở Quy hoạch - Kiến trúc".to_owned(),
        by: "Ban Thường vụ".to_owned(),
        on: date(2018, 10, 5),
        due: Some(date(2019, 1, 14)),
        reason: Some("đơn vị kết thúc hoạt động".to_owned()),
        legal_basis: Some("Quyết định sắp xếp tổ chức (minh họa)".to_owned()),
        position: 4_102,
    }
}

fn unit_changes() -> Vec<UnitChange> {
    let heir = |id: &str, name: &str, extent| Heir {
        unit: unit(id),
        name: name.to_owned(),
        extent,
    };
    vec![
        UnitChange {
            on: date(2016, 3, 1),
            unit: unit("so-4"),
            name: "Sở Văn hóa, Thể thao và Du lịch".to_owned(),
            change: Change::Renamed {
                to: "Sở Văn hóa và Thể thao".to_owned(),
            },
            basis: Some("Quyết định đổi tên (minh họa)".to_owned()),
            position: 1_877,
        },
        UnitChange {
            on: date(2018, 10, 1),
            unit: unit("so-5"),
            name: "Sở Quy hoạch - Kiến trúc".to_owned(),
            change: Change::Divided {
                among: vec![
                    heir("so-xd", "Sở Xây dựng", Extent::Part),
                    heir("so-tnmt", "Sở Tài nguyên và Môi trường", Extent::Part),
                ],
            },
            basis: None,
            position: 4_099,
        },
    ]
}

fn acts(missed: &[socai_review::facts::Missed]) -> Vec<Act> {
    let act = |(n, row): (u64, &socai_review::facts::Missed)| {
        let what = ActKind::ALL[usize::try_from(n % 5).unwrap()];
        Act {
            what,
            on: row.due + 1.day(),
            obligation: row.obligation.clone(),
            title: row.title.clone(),
            period: row.period.clone(),
            unit: row.unit.clone(),
            name: row.name.clone(),
            by: (what != ActKind::FlaggedLate).then(|| "Văn phòng Thành ủy".to_owned()),
            to: (what == ActKind::Escalated).then(|| "Ban Thường vụ".to_owned()),
            text: (what == ActKind::Explained)
                .then(|| "cán bộ đầu mối thay đổi, chưa bàn giao kịp".to_owned()),
            position: 2_000 + n,
        }
    };
    (0..).zip(missed.iter().take(30)).map(act).collect()
}

fn inspection() -> Inspection {
    Inspection {
        id: "kt-2018-01".parse().unwrap(),
        kind: inspection::Kind::Inspection,
        title: "việc thực hiện Chỉ thị số 25-CT/TU".to_owned(),
        by: "Ủy ban Kiểm tra Thành ủy".to_owned(),
        units: vec!["Quận Ba Đình".to_owned(), "Sở Y tế".to_owned()],
        from: date(2014, 1, 21),
        to: date(2018, 6, 30),
        opened: date(2018, 7, 16),
        concluded: Some(date(2018, 11, 30)),
        conclusion: Some("cơ bản thực hiện nghiêm túc, còn báo cáo chậm".to_owned()),
        findings: vec![Finding {
            number: 1,
            text: "Báo cáo quý gửi chậm nhiều lần".to_owned(),
            unit: "Sở Y tế".to_owned(),
            cause: Some("chưa phân công đầu mối".to_owned()),
            responsibility: None,
            follow_ups: vec!["Phân công đầu mối báo cáo".to_owned()],
        }],
    }
}

fn notes() -> Notes {
    Notes {
        records: 4_812,
        synthetic: 4_790,
        simulated_clock: true,
        back_dated: BackDating {
            after_days: 30,
            count: 1,
            events: vec![BackDated {
                position: 3_310,
                event: "report.submitted.v1".to_owned(),
                subject: "obligation.bao-cao-quy_2016-q3_quan-4".to_owned(),
                effective: date(2016, 10, 12),
                recorded: "2017-02-03T03:00:00Z".parse::<Timestamp>().unwrap(),
                days: 114,
            }],
        },
        corrections: vec![Correction {
            position: 3_412,
            event: "obligation.reversed.v1".to_owned(),
            subject: "obligation.bao-cao-quy_2016-q4_quan-1".to_owned(),
            on: date(2017, 3, 2),
            reason: Some("ghi nhầm đơn vị".to_owned()),
        }],
    }
}

fn method() -> Method {
    Method {
        formulas: Formula::all(),
        calendars: (2014..=2019)
            .map(|year| CalendarVersion {
                year,
                version: 1,
                source: Some("Thông báo của Bộ Nội vụ (minh họa)".to_owned()),
                days: 14,
            })
            .collect(),
        rules: vec![Rules {
            requirement: "bao-cao-quy".parse().unwrap(),
            title: "Báo cáo quý về phát ngôn và cung cấp thông tin cho báo chí".to_owned(),
            cadence: Cadence::Quarterly,
            window: WindowRule::Calendar,
            due: DueRule::DaysAfter { n: 14 },
            day_off: DayOff::Keep,
        }],
    }
}
