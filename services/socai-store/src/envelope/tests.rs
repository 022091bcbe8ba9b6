use std::error::Error;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn report() -> Envelope<'static> {
    Envelope {
        id: "019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e01".parse().unwrap(),
        source: "/hanoi".into(),
        event_type: "report.submitted.v1".into(),
        subject: "obligation.bc-2019-0042".into(),
        time: date(2019, 4, 10).at(0, 0, 0, 0),
        recorded_time: "2026-11-23T05:00:00.123Z".parse().unwrap(),
        revision: Revision(3),
        actor: "ana".into(),
        correlation_id: "019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e02".parse().unwrap(),
        synthetic: false,
        data: r#"{"number":"17/BC-UBND","title":"Báo cáo"}"#,
    }
}

/// The form is storage: this text may never change.
const REPORT: &str = concat!(
    r#"{"specversion":"1.0","id":"019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e01","source":"/hanoi","#,
    r#""type":"report.submitted.v1","subject":"obligation.bc-2019-0042","#,
    r#""time":"2019-04-10T00:00:00+07:00","recordedtime":"2026-11-23T05:00:00.123Z","#,
    r#""revision":3,"actor":"ana","correlationid":"019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e02","#,
    r#""data":{"number":"17/BC-UBND","title":"Báo cáo"}}"#,
);

#[test]
fn the_canonical_form_is_fixed() {
    assert_eq!(REPORT, String::from_utf8(compose(&report())).unwrap());
    assert_eq!(report(), canonical::parse(REPORT.as_bytes()).unwrap());
    assert_eq!(report(), any_form::parse(REPORT.as_bytes()).unwrap());
}

#[test]
fn a_record_that_never_happened_says_so_before_its_data() {
    let synthetic = Envelope {
        synthetic: true,
        ..report()
    };
    let record = REPORT.replace(r#""data":"#, r#""synthetic":true,"data":"#);
    assert_eq!(record, String::from_utf8(compose(&synthetic)).unwrap());
    assert_eq!(synthetic, canonical::parse(record.as_bytes()).unwrap());
    assert_eq!(synthetic, any_form::parse(record.as_bytes()).unwrap());

    let denied = record.replace("true", "false");
    assert_eq!(report(), parse(denied.as_bytes()).unwrap());
    let unclear = record.replace("true", r#""yes""#);
    assert!(parse(unclear.as_bytes()).is_err());
}

#[test]
fn other_forms_of_the_same_document_read_the_same() {
    let reordered = REPORT
        .replace(r#""revision":3,"#, "")
        .replacen('{', r#"{ "revision" : 3,"#, 1);
    let extended = format!(r#"{},"lane":{{"b":"}}"}}}}"#, &REPORT[..REPORT.len() - 1]);
    let escaped = REPORT.replace(r#""ana""#, r#""\u0061na""#);
    let utc = REPORT.replace("2019-04-10T00:00:00+07:00", "2019-04-09T17:00:00Z");
    for form in [reordered, extended, escaped, utc] {
        assert!(canonical::parse(form.as_bytes()).is_none(), "{form}");
        assert_eq!(report(), parse(form.as_bytes()).unwrap(), "{form}");
    }
}

#[test]
fn a_malformed_record_is_refused_with_the_reason() {
    let ladder = [
        ("", "", "not the JSON object"),
        (
            r#"{"specversion""#,
            r#"["specversion""#,
            "not the JSON object",
        ),
        (r#""revision":3"#, r#""revision":"3""#, "expected u64"),
        (
            r#""revision":3"#,
            r#""revision":3,"revision":4"#,
            "duplicate field `revision`",
        ),
        (r#""actor":"ana","#, "", r#"no "actor""#),
        (r#""1.0""#, r#""2.0""#, r#""specversion" is "2.0""#),
        (
            "019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e01",
            "17",
            r#""id" is "17""#,
        ),
        ("/hanoi", "", r#""source" is """#),
        (
            "obligation.bc",
            "Obligation.bc",
            r#""subject" is "Obligation.bc"#,
        ),
        ("2019-04-10T", "2019-04-31T", r#""time" is"#),
        ("T00:00:00+07:00", "", r#""time" is"#),
        ("05:00:00.123Z", "05:00", r#""recordedtime" is"#),
        (r#""revision":3"#, r#""revision":0"#, r#""revision" is "0""#),
    ];
    for (from, to, reason) in ladder {
        let record = if from.is_empty() {
            String::new()
        } else {
            REPORT.replacen(from, to, 1)
        };
        let error = parse(record.as_bytes()).unwrap_err();
        let chain = format!("{error}: {:?}", error.source().map(ToString::to_string));
        assert!(chain.contains(reason), "{reason}: {chain}");
    }
    let scalar = REPORT.replace(r#"{"number":"17/BC-UBND","title":"Báo cáo"}"#, "17");
    assert!(
        parse(scalar.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("a JSON object")
    );
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(|number| number.to_string()),
        "[a-zđ{}\"\\\\ ]{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    let fields = |value: BoxedStrategy<String>| {
        prop::collection::vec(value, 0..4).prop_map(|values| {
            let fields = values
                .iter()
                .enumerate()
                .map(|(at, value)| format!("\"k{at}\":{value}"));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        })
    };
    let nested = leaf.prop_recursive(3, 16, 4, move |inner| fields(inner.boxed()));
    fields(nested.boxed())
}

prop_compose! {
    fn envelope()(
        (id, correlation_id) in (any::<u128>(), any::<u128>()),
        (source, actor) in ("\\PC{1,12}", "[a-z0-9_-]{1,12}"),
        (event_type, subject) in ("[a-z.]{1,20}\\.v[1-9]", "[a-z]{1,9}\\.[a-z0-9_-]{1,30}"),
        (day, second) in (-700_000_i64..2_000_000, 0_i64..86_400),
        millisecond in -60_000_000_000_000_i64..250_000_000_000_000,
        (revision, synthetic) in (1_u64.., any::<bool>()),
        data in json(),
    ) -> Envelope<'static> {
        let time = Timestamp::from_second(day * 86_400 + second).unwrap();
        Envelope {
            id: Uuid::from_u128(id),
            source: source.into(),
            event_type: event_type.into(),
            subject: subject.into(),
            time: offset().to_datetime(time),
            recorded_time: Timestamp::from_millisecond(millisecond).unwrap(),
            revision: Revision(revision),
            actor: actor.into(),
            correlation_id: Uuid::from_u128(correlation_id),
            synthetic,
            data: data.leak(),
        }
    }
}

proptest! {
    #[test]
    fn what_is_composed_is_read_back(envelope in envelope()) {
        let record = compose(&envelope);
        prop_assert_eq!(&parse(&record).unwrap(), &envelope);
        prop_assert_eq!(&any_form::parse(&record).unwrap(), &envelope);
    }

    /// One byte changed, removed or added anywhere: the quick path either
    /// declines or agrees with the slow one, unless the data is what broke.
    #[test]
    fn the_quick_path_agrees_or_declines(
        envelope in envelope(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3,
    ) {
        let mut record = compose(&envelope);
        let at = at.index(record.len());
        match how {
            0 => record[at] = byte,
            1 => { record.remove(at); }
            _ => record.insert(at, byte),
        }
        if let Some(quick) = canonical::parse(&record)
            && serde_json::from_str::<serde::de::IgnoredAny>(quick.data).is_ok()
        {
            prop_assert_eq!(quick, any_form::parse(&record).unwrap());
        }
    }

    #[test]
    fn no_bytes_make_a_parse_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(parse(&bytes).is_err());
    }
}
