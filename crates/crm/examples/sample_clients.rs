//! Writes the sample files of clients that the tests and the demo import.
//!
//! `cargo run -p tryzore-crm --example sample_clients`
//!
//! Everyone in them is made up. Addresses are at example.com, .org and .net, which no one can own.
//! US and UK numbers are from the ranges that are kept free for fiction (555-01xx, 020 7946 0xxx,
//! 0113 496 0xxx and so on). Italy and Thailand keep none: there they are of one mobile prefix
//! (399), one block of Rome (06 9970) and one Thai block (080 000), and stand for no one.
//! The same program writes the same bytes each time: its random numbers are its own.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

/// SplitMix64: small, and the same on every machine and for ever.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end.max(1) as u64).unwrap_or(0)
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn name(&mut self, from: &'static str) -> &'static str {
        let names: Vec<_> = from.split('|').collect();
        self.pick(&names)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const GIVEN: &str = "Anna|Giulia|Sofía|Niccolò|Mattia|Chiara|Lorenzo|Francesca|Andrea|Maria Grazia|Gian Luca|José|\
    María|Zoë|François|Élodie|Jürgen|Björn|Søren|Łukasz|Siobhán|Conor|Noè|Desirée|Alessandro|Beatrice|\
    Camilla|Davide|Elena|Federico|Gaia|Ilaria|Jacopo|Livia|Marco|Noemi|Orlando|Paolo|Rebecca|\
    Salvatore|Tommaso|Ugo|Valentina|Irina";
const FAMILY: &str = "Rossi|De Luca|D'Angelo|Dell'Acqua|Di Giovanni|De' Medici|Lo Presti|La Rosa|Della Valle|\
    van der Berg|van den Heuvel|von Trapp|de la Cruz|dos Santos|O'Brien|O’Neill|McDonald|Müller|\
    Strauß|Núñez|García Márquez|Lefèvre|Le Goff|Håkansson|Østergaard|Kowalski-Nowak|Ferrari|Russo|\
    Bianchi|Romano|Colombo|Ricci|Marino|Greco|Bruno|Gallo|Conti|Costa|Fontana|Caruso|Mariani|Rinaldi|\
    Villa|Ferri|Fabbri|Al Farsi|bin Rashid|Nguyễn";
const THAI: &[(&str, &str, &str)] = &[
    ("สมชาย", "ใจดี", "somchai.jaidee"),
    ("สุดารัตน์", "แก้วมณี", "sudarat.kaewmanee"),
    ("ณัฐพล", "ศรีสุข", "nattapon.srisuk"),
    ("กมลชนก", "วงศ์สวัสดิ์", "kamonchanok.wongsawat"),
    ("Somsak", "Rattanakosin", "somsak.rattanakosin"),
    ("Ploy", "Charoensuk", "ploy.charoensuk"),
    ("Anong", "", "anong"),
];
const AREAS: [&str; 50] = [
    "201", "202", "203", "205", "206", "207", "208", "209", "210", "212", "213", "214", "215", "216", "217",
    "218", "219", "224", "225", "228", "229", "231", "234", "239", "240", "248", "251", "252", "253", "254",
    "256", "260", "262", "267", "269", "270", "276", "281", "301", "302", "303", "304", "305", "307", "308",
    "309", "310", "312", "313", "314",
];
const UK_AREAS: [&str; 5] = ["20 7946", "113 496", "114 496", "121 496", "131 496"];
const PLANS: &[&str] = &["Mensile", "Annuale", "Open 12 mesi", "Corsi 10 ingressi", "Prova", ""];
const NOTES: &[&str] = &[
    "",
    "",
    "",
    "",
    "",
    "preferisce il mattino",
    "certificato medico; in scadenza",
    "chiamare\ndopo le 18",
    "detta \"Mimì\"",
];

#[derive(Clone, Default)]
struct Person {
    family: String,
    given: String,
    email: String,
    phone: String,
    other_phone: String,
    born: String,
    joined: String,
    language: String,
    consent: String,
    digits: String,
}

fn ascii(text: &str) -> String {
    let plain = |c: char| match c {
        'à' | 'á' | 'å' | 'ä' => "a".to_owned(),
        'è' | 'é' | 'ë' | 'ê' | 'ễ' => "e".to_owned(),
        'ì' | 'í' => "i".to_owned(),
        'ò' | 'ó' | 'ö' | 'ø' => "o".to_owned(),
        'ù' | 'ú' | 'ü' => "u".to_owned(),
        'ñ' => "n".to_owned(),
        'ç' => "c".to_owned(),
        'ł' => "l".to_owned(),
        'ß' => "ss".to_owned(),
        c if c.is_ascii_alphanumeric() => c.to_string(),
        _ => String::new(),
    };
    text.to_lowercase().chars().map(plain).collect()
}

/// An Italian mobile number, in one of the ways in which people write it.
fn italian(dice: &mut Dice, digits: &str) -> String {
    let (a, b, c, d) = (&digits[..3], &digits[3..6], &digits[6..8], &digits[8..]);
    match dice.below(9) {
        0 => format!("{a} {b}{c}{d}"),
        1 => format!("{a}/{b}{c}{d}"),
        2 => format!("+39 {a} {b} {c}{d}"),
        3 => format!("+39{a}{b}{c}{d}"),
        4 => format!("0039 {a}.{b}.{c}{d}"),
        5 => format!("({a}) {b}-{c}{d}"),
        6 => format!("39{a}{b}{c}{d}"),
        7 => format!("'+39 {a}{b}{c}{d}"),
        _ => format!("{a}{b}{c}{d}"),
    }
}

fn phone(dice: &mut Dice, person: &mut Person, index: usize) {
    match dice.below(100) {
        0..=5 => {
            let number = format!("80000{:04}", index % 10_000);
            person.phone = match dice.below(3) {
                0 => format!("+66 {} {} {}", &number[..2], &number[2..5], &number[5..]),
                1 => format!("0066{number}"),
                _ => format!("+66 (0){}", &number),
            };
        }
        6..=10 => {
            let (area, line) = (AREAS[index / 100 % AREAS.len()], index % 100);
            person.phone = match dice.below(3) {
                0 => format!("+1 ({area}) 555-01{line:02}"),
                1 => format!("+1{area}55501{line:02}"),
                _ => format!("001-{area}-555-01{line:02}"),
            };
        }
        11..=13 => {
            person.phone = format!("+44 (0){} 0{:03}", UK_AREAS[index / 1000 % UK_AREAS.len()], index % 1000)
        }
        14..=16 => person.other_phone = format!("06 9970{:04}", index % 10_000),
        17..=24 => {}
        _ => {
            person.digits = format!("399{:07}", index * 7919 % 10_000_000);
            person.phone = italian(dice, &person.digits.clone());
        }
    }
}

fn person(dice: &mut Dice, index: usize) -> Person {
    let mut person = Person::default();
    let mailbox = if dice.percent(7) {
        let (given, family, mailbox) = dice.pick(THAI);
        person.language = dice.pick(&["Thai", "th", "ไทย", "Inglese"]).to_owned();
        (person.given, person.family) = (given.to_owned(), family.to_owned());
        mailbox.to_owned()
    } else {
        (person.given, person.family) = (dice.name(GIVEN).to_owned(), dice.name(FAMILY).to_owned());
        person.language = dice.pick(&["", "", "", "Italiano", "it", "IT", "English", "Deutsch"]).to_owned();
        format!("{}.{}", ascii(&person.given), ascii(&person.family))
    };
    if dice.percent(10) {
        (person.given, person.family) = (person.given.to_uppercase(), person.family.to_uppercase());
    }
    phone(dice, &mut person, index);
    let is_unreachable = person.phone.is_empty() && person.other_phone.is_empty();
    if is_unreachable || !dice.percent(4) {
        person.email = format!("{mailbox}{index}@example.{}", dice.pick(&["com", "org", "net"]));
        if dice.percent(15) {
            person.email = person.email.to_uppercase();
        }
    }
    if !dice.percent(12) {
        person.born =
            format!("{:02}/{:02}/{}", 1 + dice.below(28), 1 + dice.below(12), 1945 + dice.below(63));
    }
    person.joined = format!("{:02}/{:02}/{}", 1 + dice.below(28), 1 + dice.below(12), 2012 + dice.below(14));
    person.consent = dice.pick(&["Sì", "No", "", "si", "NO"]).to_owned();
    person
}

fn quoted(cell: &str) -> String {
    if cell.contains([';', '"', '\n', ',']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// Ten ways in which a row is no client. Returns what follows the last column, if anything does.
fn spoil(dice: &mut Dice, person: &mut Person, way: usize) -> &'static str {
    match way {
        0 => (person.given, person.family) = (String::new(), String::new()),
        1 => person.given = dice.pick(&["cliente@example.com", "12345", "???"]).to_owned(),
        2 => {
            person.email = dice.pick(&["", "-", "n/a"]).to_owned();
            (person.phone, person.other_phone) = (String::new(), String::new());
        }
        3 => {
            person.email = dice
                .pick(&["anna.rossi@", "anna.rossi.example.com", "anna rossi@example.com", "a@b"])
                .to_owned()
        }
        4 => {
            person.phone = dice.pick(&["399 12", "vedi note", "+39 399 12 34 56 78 90 12", "000"]).to_owned()
        }
        5 => person.phone = dice.pick(&["3,99012E+11", "3.99012E+11", "3,9E+11"]).to_owned(),
        6 => person.born = dice.pick(&["31/02/1990", "1990", "12/25/1988", "boh"]).to_owned(),
        7 => person.born = dice.pick(&["01/01/2031", "01/01/1890"]).to_owned(),
        8 => person.joined = dice.pick(&["lunedì", "00/13/2020", "45231"]).to_owned(),
        _ => return ";chiedere di Carla; poi richiamare",
    }
    ""
}

/// 5,000 rows as an Italian gym system exports them.
pub(crate) fn italian_export() -> String {
    const ROWS: usize = 5_000;
    const BAD: usize = 150;
    const SAME_EMAIL: usize = 60;
    const SAME_PHONE: usize = 40;
    let mut dice = Dice(20_260_101);
    let mut special = BTreeSet::new();
    while special.len() < BAD + SAME_EMAIL + SAME_PHONE {
        special.insert(200 + dice.below(ROWS - 200));
    }
    let mut order: Vec<usize> = special.into_iter().collect();
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at + 1));
    }
    let mut csv = String::from(
        "\u{feff}Codice cliente;Cognome;Nome;E-mail;Cellulare;Telefono fisso;Data di nascita;Iscritto dal;Lingua;Consenso marketing;Abbonamento;Note\r\n",
    );
    let mut good: Vec<Person> = Vec::new();
    for index in 0..ROWS {
        let mut someone = person(&mut dice, index);
        let mut tail = "";
        match order.iter().position(|at| *at == index) {
            Some(place) if place < BAD => tail = spoil(&mut dice, &mut someone, place % 10),
            Some(place) if place < BAD + SAME_EMAIL => {
                let with_email: Vec<_> = good.iter().filter(|p| !p.email.is_empty()).collect();
                let earlier = with_email[dice.below(with_email.len())];
                someone.email = if place % 2 == 0 {
                    earlier.email.to_uppercase()
                } else {
                    format!(" {} ", earlier.email.to_lowercase())
                };
            }
            Some(_) => {
                let with_phone: Vec<_> = good.iter().filter(|p| !p.digits.is_empty()).collect();
                let digits = with_phone[dice.below(with_phone.len())].digits.clone();
                someone.phone = italian(&mut dice, &digits);
            }
            None => good.push(someone.clone()),
        }
        let (plan, note) = (dice.pick(PLANS), dice.pick(NOTES));
        let cells = [
            &someone.family,
            &someone.given,
            &someone.email,
            &someone.phone,
            &someone.other_phone,
            &someone.born,
            &someone.joined,
            &someone.language,
            &someone.consent,
        ]
        .map(|cell| quoted(cell));
        let _ = write!(
            csv,
            "TS-{:05};{};{};{}{tail}\r\n",
            index + 1,
            cells.join(";"),
            quoted(plan),
            quoted(note)
        );
        if index % 1_700 == 1_699 {
            csv.push_str(";;;;;;;;;;;\r\n");
        }
    }
    csv
}

/// 50 rows as an American studio system exports them.
pub(crate) fn american_export() -> String {
    let mut dice = Dice(1_776);
    let mut csv = String::from(
        "ID,First Name,Last Name,Email,Mobile Phone,Home Phone,Birthday,Creation Date,Promotional Email Opt In,Membership,Barcode\r\n",
    );
    for index in 0..50_usize {
        let (given, family) = (dice.name(GIVEN), dice.name(FAMILY));
        let mut email = format!("{}.{}{index}@example.com", ascii(given), ascii(family));
        let area = AREAS[index % AREAS.len()];
        let mut mobile = match dice.below(3) {
            0 => format!("({area}) 555-01{index:02}"),
            1 => format!("{area}.555.01{index:02}"),
            _ => format!("1-{area}-555-01{index:02}"),
        };
        match index {
            17 => email = "not an address".to_owned(),
            23 => mobile = "555-0123".to_owned(),
            31 => (email, mobile) = (String::new(), String::new()),
            40 => email = "ANNA.CONTI@EXAMPLE.COM".to_owned(),
            41 => email = "anna.conti@example.com".to_owned(),
            44 => mobile.push_str(" x12"),
            _ => {}
        }
        let born = format!("{}/{}/{}", 1 + dice.below(12), 1 + dice.below(28), 1950 + dice.below(55));
        let created = format!(
            "{}/{}/{} 9:{:02} AM",
            1 + dice.below(12),
            1 + dice.below(28),
            2015 + dice.below(11),
            index
        );
        let consent = dice.pick(&["TRUE", "FALSE", ""]);
        let plan = dice.pick(&["\"Unlimited, monthly\"", "Drop-In", "10 Pack"]);
        let _ = write!(
            csv,
            "{},{given},{family},{email},{mobile},,{born},{created},{consent},{plan},{}\r\n",
            100_000_001 + index,
            700_000 + index
        );
    }
    csv
}

#[allow(dead_code, reason = "the tests that include this file call the functions above")]
fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples");
    std::fs::write(folder.join("clients.csv"), italian_export())?;
    std::fs::write(folder.join("clients-mindbody.csv"), american_export())
}
