//! Random rules: whatever RFC 5545 allows of the parts that a series takes.

use proptest::{prelude::*, sample};

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn some(of: &'static [&'static str], most: usize) -> BoxedStrategy<String> {
    sample::subsequence(of, 1..=most).prop_map(|some| some.join(",")).boxed()
}

/// Part `key` with a value of `values`, in one of `one_in` rules.
fn part(key: &'static str, one_in: u32, values: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop_oneof![
        one_in - 1 => Just(String::new()),
        1 => values.prop_map(move |value| format!(";{key}={value}")),
    ]
    .boxed()
}

fn months() -> BoxedStrategy<String> {
    some(&["1", "2", "3", "6", "10", "12"], 4)
}

fn month_days() -> BoxedStrategy<String> {
    some(&["1", "2", "15", "29", "30", "31", "-1", "-7", "-31"], 5)
}

fn weekdays() -> BoxedStrategy<String> {
    some(&WEEKDAYS, 7)
}

fn positions(of: &'static [&'static str]) -> BoxedStrategy<String> {
    some(of, 2)
}

/// The nth weekdays of a month, of a year, or both kinds together with every such day.
fn nth(of_year: bool) -> BoxedStrategy<String> {
    let of_month = &["1MO", "-1FR", "3WE", "5SU", "-4TU", "-5SA"];
    let of_year = if of_year { &["1MO", "20MO", "-1FR", "53TH", "-53TH", "-10SU"] } else { of_month };
    prop_oneof![4 => some(of_year, 4), 1 => (some(of_year, 2), weekdays()).prop_map(|(n, d)| format!("{n},{d}"))]
        .boxed()
}

fn daily() -> BoxedStrategy<String> {
    let intervals = sample::select(vec![1_u16, 1, 2, 3, 4, 7, 14, 21, 50]);
    let parts =
        (part("BYMONTH", 3, months()), part("BYMONTHDAY", 4, month_days()), part("BYDAY", 2, weekdays()));
    (intervals, parts, any::<bool>())
        .prop_map(|(interval, (a, b, c), first)| {
            let position =
                if first && !(a.is_empty() && b.is_empty() && c.is_empty()) { ";BYSETPOS=1" } else { "" };
            format!("DAILY;INTERVAL={interval}{a}{b}{c}{position}")
        })
        .boxed()
}

fn weekly() -> BoxedStrategy<String> {
    let position = part("BYSETPOS", 3, positions(&["1", "2", "-1", "-2"]));
    let parts = (part("BYMONTH", 4, months()), weekdays(), position);
    let named = (1_u16..5, parts).prop_map(|(interval, (months, days, position))| {
        format!("WEEKLY;INTERVAL={interval}{months};BYDAY={days}{position}")
    });
    prop_oneof![1 => Just("WEEKLY".to_owned()), 4 => named].boxed()
}

fn monthly() -> BoxedStrategy<String> {
    let days = prop_oneof![
        1 => Just(String::new()),
        2 => weekdays().prop_map(|days| format!(";BYDAY={days}")),
        2 => nth(false).prop_map(|days| format!(";BYDAY={days}")),
        2 => month_days().prop_map(|days| format!(";BYMONTHDAY={days}")),
        2 => (weekdays(), month_days()).prop_map(|(days, n)| format!(";BYDAY={days};BYMONTHDAY={n}")),
        1 => month_days().prop_map(|n| format!(";BYDAY=1MO,-1SU;BYMONTHDAY={n}")),
    ];
    let position = part("BYSETPOS", 3, positions(&["1", "2", "-1", "-2", "5"]));
    (1_u16..5, part("BYMONTH", 4, months()), days, position)
        .prop_map(|(interval, months, days, position)| {
            let position = if days.is_empty() { String::new() } else { position };
            format!("MONTHLY;INTERVAL={interval}{months}{days}{position}")
        })
        .boxed()
}

fn yearly() -> BoxedStrategy<String> {
    let year_days = some(&["1", "60", "100", "200", "365", "366", "-1", "-100", "-366"], 6);
    let weeks = || some(&["1", "9", "20", "52", "53", "-1", "-10", "-52", "-53"], 5);
    let days = prop_oneof![
        1 => Just(String::new()),
        2 => weekdays().prop_map(|days| format!(";BYDAY={days}")),
        2 => nth(true).prop_map(|days| format!(";BYDAY={days}")),
        2 => months().prop_map(|months| format!(";BYMONTH={months}")),
        2 => (months(), weekdays()).prop_map(|(months, days)| format!(";BYMONTH={months};BYDAY={days}")),
        2 => (months(), nth(false)).prop_map(|(months, days)| format!(";BYMONTH={months};BYDAY={days}")),
        2 => (part("BYMONTH", 2, months()), month_days()).prop_map(|(months, n)| format!("{months};BYMONTHDAY={n}")),
        1 => (weekdays(), month_days()).prop_map(|(days, n)| format!(";BYDAY={days};BYMONTHDAY={n}")),
        3 => (year_days, part("BYDAY", 3, weekdays())).prop_map(|(n, days)| format!(";BYYEARDAY={n}{days}")),
        3 => (weeks(), part("BYDAY", 2, weekdays())).prop_map(|(n, days)| format!(";BYWEEKNO={n}{days}")),
        1 => (weeks(), months()).prop_map(|(n, months)| format!(";BYWEEKNO={n};BYMONTH={months}")),
        1 => (weeks(), month_days()).prop_map(|(n, days)| format!(";BYWEEKNO={n};BYMONTHDAY={days}")),
    ];
    let position = part("BYSETPOS", 4, positions(&["1", "2", "-1", "-2", "20", "-52"]));
    (1_u16..4, days, position)
        .prop_map(|(interval, days, position)| {
            let position = if days.is_empty() { String::new() } else { position };
            format!("YEARLY;INTERVAL={interval}{days}{position}")
        })
        .boxed()
}

/// Rules that start at half past six in the evening, without an end.
pub(super) fn rules() -> impl Strategy<Value = String> {
    let wkst = sample::select(vec!["", ";WKST=SU", ";WKST=WE"]);
    let time = sample::select(vec!["", "", ";BYHOUR=18;BYMINUTE=30;BYSECOND=0"]);
    (prop_oneof![2 => daily(), 3 => weekly(), 3 => monthly(), 4 => yearly()], wkst, time)
        .prop_map(|(rule, wkst, time)| format!("FREQ={rule}{wkst}{time}"))
}
