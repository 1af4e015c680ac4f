//! Splits a whole name in one cell into given name and family name.
//!
//! A comma separates the two, unless a suffix follows it (`Whitlock, RN`). Without a comma, a particle (`De
//! Luca`, `van der Berg`) starts the family name; otherwise the last word is the family name, or the first
//! word in a column with the family name first. That is a guess, and a harmless one, because the parts
//! together still read as the original name. A guess that is probably wrong is reported as a warning.
//!
//! Titles and degrees are no part of a name and are left out, which is said, too. `Jr.` and `III` are.

use crate::fold;

const PARTICLES: [&str; 42] = [
    "de", "di", "da", "del", "della", "dello", "dei", "degli", "delle", "dal", "dalla", "lo", "la", "li",
    "los", "las", "van", "von", "der", "den", "ter", "ten", "zu", "zum", "zur", "af", "av", "le", "du",
    "des", "dos", "das", "do", "bin", "ibn", "al", "el", "ben", "san", "st.", "vom", "ap",
];
/// Particles that are given names as well, or that start names in other languages.
const NAMES_TOO: [&str; 13] =
    ["al", "ben", "li", "le", "van", "do", "das", "du", "den", "ter", "ten", "san", "st."];
const TITLES: [&str; 34] = [
    "dr",
    "dr.",
    "dr.ssa",
    "dr.in",
    "dra.",
    "prof",
    "prof.",
    "prof.ssa",
    "profssa",
    "mr",
    "mr.",
    "mrs",
    "mrs.",
    "ms",
    "ms.",
    "miss",
    "mx.",
    "herr",
    "frau",
    "sig.",
    "sig.ra",
    "sig.na",
    "dott",
    "dott.",
    "dott.ssa",
    "ing.",
    "avv.",
    "sra.",
    "srta.",
    "mme",
    "mlle",
    "dipl.-ing.",
    "นาย",
    "นางสาว",
];
/// Words that are titles at the start of a name, but not at its end.
const TITLES_FIRST: [&str; 3] = ["sr.", "นาง", "คุณ"];
const GENERATIONS: [&str; 9] = ["jr", "jr.", "jnr", "jnr.", "sr", "sr.", "2nd", "3rd", "4th"];
const NUMERALS: [&str; 3] = ["II", "III", "IV"];
const DEGREES: [&str; 13] =
    ["rn", "md", "phd", "dds", "dvm", "dmd", "cpa", "lpn", "esq", "jd", "mba", "edd", "msc"];
/// Degrees that are names as well: they count only after a comma and in capitals.
const CAPITAL_DEGREES: [&str; 10] = ["MA", "BA", "DO", "PA", "PT", "DC", "OD", "RD", "NP", "LMT"];
/// Words that follow `María de` in given names.
const MARIAN: [&str; 20] = [
    "angeles",
    "carmen",
    "pilar",
    "mar",
    "rosario",
    "dolores",
    "lourdes",
    "luz",
    "nieves",
    "mercedes",
    "montserrat",
    "rocio",
    "socorro",
    "remedios",
    "consuelo",
    "paz",
    "sol",
    "fatima",
    "jesus",
    "valle",
];

/// A name that was split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SplitName {
    pub(crate) given: String,
    /// Empty for one-word names.
    pub(crate) family: String,
    /// Titles and degrees that were left out.
    pub(crate) left_out: Vec<String>,
    /// Whether the split is uncertain.
    pub(crate) is_unclear: bool,
}

/// Splits `text` into given name and family name.
pub(crate) fn split(text: &str, family_first: bool) -> SplitName {
    let mut left_out = Vec::new();
    let mut segments: Vec<Vec<&str>> = text
        .split(',')
        .map(|segment| segment.split_whitespace().collect::<Vec<_>>())
        .filter(|words| !words.is_empty())
        .collect();
    let mut generation = Vec::new();
    // Parts after a comma that consist of titles, degrees or a generation only.
    while segments.len() > 1
        && let Some(last) = segments.last()
    {
        let few = segments.len() == 2 && segments.first().is_some_and(|first| first.len() == 1);
        let is_one =
            |word: &&str| is_title(word) || is_degree(word) || (!few && CAPITAL_DEGREES.contains(word));
        if last.iter().all(|word| is_generation(word)) {
            generation.splice(0..0, last.iter().copied());
        } else if last.iter().all(is_one) {
            left_out.splice(0..0, last.iter().map(|word| (*word).to_owned()));
        } else {
            break;
        }
        segments.pop();
    }
    for words in &mut segments {
        let (titles, suffixes) = trim(words);
        left_out.splice(0..0, titles);
        generation.splice(0..0, suffixes);
    }
    let mut name = match segments.as_slice() {
        [] => SplitName::default(),
        [words] => split_words(words, family_first),
        [family, given @ ..] => SplitName {
            given: given.iter().map(|words| words.join(" ")).collect::<Vec<_>>().join(", "),
            family: family.join(" "),
            is_unclear: given.len() > 1,
            ..SplitName::default()
        },
    };
    // A person with a title and one name probably has another name that is missing here.
    if name.family.is_empty()
        && !name.given.is_empty()
        && let Some(at) = left_out.iter().position(|word| is_title(word))
    {
        name.given = format!("{} {}", left_out.remove(at), name.given);
        name.is_unclear = true;
    }
    if !generation.is_empty() {
        let last = if name.family.is_empty() { &mut name.given } else { &mut name.family };
        *last = [last.as_str(), &generation.join(" ")].join(" ").trim().to_owned();
    }
    SplitName { left_out, ..name }
}

/// Removes titles from the start, and degrees and generations from the end, as long as a word remains.
fn trim<'w>(words: &mut Vec<&'w str>) -> (Vec<String>, Vec<&'w str>) {
    let (mut left_out, mut generation) = (Vec::new(), Vec::new());
    while words.len() > 1
        && let Some(first) = words.first()
        && (is_title(first) || TITLES_FIRST.contains(&first.to_lowercase().as_str()))
    {
        left_out.push((*first).to_owned());
        words.remove(0);
    }
    while words.len() > 1
        && let Some(last) = words.last()
    {
        if is_generation(last) && words.len() > 2 {
            generation.insert(0, *last);
        } else if is_degree(last) && last.chars().next().is_some_and(char::is_uppercase) && words.len() > 2 {
            left_out.push((*last).to_owned());
        } else {
            break;
        }
        words.pop();
    }
    (left_out, generation)
}

fn split_words(words: &[&str], family_first: bool) -> SplitName {
    let last = words.len().saturating_sub(1);
    let starts = words.iter().take_while(|word| is_particle(word)).count();
    if family_first {
        // The particles and the word after them, but never all of the words.
        return parted(words, (starts + 1).min(last), true, false);
    }
    // `Di Caprio Leo`: no given name starts like that.
    let is_family = starts > 1 || (starts > 0 && words.first().is_some_and(|word| !is_name_too(word)));
    if words.len() > 2 && is_family {
        return parted(words, (starts + 1).min(last), true, true);
    }
    if let Some(given) = marian(words) {
        return parted(words, given, false, given == words.len());
    }
    let family =
        words.iter().enumerate().skip(1).take(last.saturating_sub(1)).find(|(_, word)| is_particle(word));
    let Some((at, _)) = family else {
        return parted(words, last, false, words.len() > 2 && starts > 0);
    };
    let after = words.iter().skip(at).skip_while(|word| is_particle(word)).count();
    parted(words, at, false, after > 1 || starts > 0)
}

/// The number of words of a given name such as `María del Carmen` at the start.
fn marian(words: &[&str]) -> Option<usize> {
    let maria = words.first().is_some_and(|word| matches!(fold::key(word).as_str(), "maria" | "ma"));
    let particles = words.iter().skip(1).take_while(|word| is_particle(word)).count();
    let named = words.get(1 + particles).is_some_and(|word| MARIAN.contains(&fold::key(word).as_str()));
    (maria && particles > 0 && named).then_some(particles + 2)
}

/// Splits the words at `at`: the first part is the family name if `family_first`, else the second.
fn parted(words: &[&str], at: usize, family_first: bool, is_unclear: bool) -> SplitName {
    let (before, after) = words.split_at(at);
    let (before, after) = (before.join(" "), after.join(" "));
    let (given, family) = match (family_first, before.is_empty()) {
        (_, true) => (after, String::new()),
        (true, false) => (after, before),
        (false, false) => (before, after),
    };
    SplitName { given, family, is_unclear, left_out: Vec::new() }
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.to_lowercase().as_str())
}

fn is_name_too(word: &str) -> bool {
    NAMES_TOO.contains(&word.to_lowercase().as_str())
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&word.to_lowercase().as_str())
}

fn is_generation(word: &str) -> bool {
    GENERATIONS.contains(&word.to_lowercase().as_str()) || NUMERALS.contains(&word)
}

fn is_degree(word: &str) -> bool {
    DEGREES.contains(&word.to_lowercase().replace('.', "").as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, family_first: bool) -> (String, String) {
        let name = split(text, family_first);
        (name.given, name.family)
    }

    #[test]
    fn particles_belong_to_the_family_name() {
        for (text, given, family) in [
            ("Anna Rossi", "Anna", "Rossi"),
            ("Anna Maria Rossi", "Anna Maria", "Rossi"),
            ("Anna De Luca", "Anna", "De Luca"),
            ("Jan van der Berg", "Jan", "van der Berg"),
            ("Rossi, Anna Maria", "Anna Maria", "Rossi"),
            ("De Luca", "De", "Luca"),
            ("สมชาย ใจดี", "สมชาย", "ใจดี"),
            ("Suharto", "Suharto", ""),
            ("Rossi,", "Rossi", ""),
            ("  ", "", ""),
        ] {
            assert_eq!(parts(text, false), (given.to_owned(), family.to_owned()), "{text}");
            assert!(!split(text, false).is_unclear, "{text}");
        }
    }

    #[test]
    fn particles_are_first_where_the_family_name_is_first() {
        for (text, given, family) in [
            ("Rossi Anna Maria", "Anna Maria", "Rossi"),
            ("De Luca Anna", "Anna", "De Luca"),
            ("van der Berg Jan", "Jan", "van der Berg"),
            ("De Luca", "Luca", "De"),
            ("Suharto", "Suharto", ""),
        ] {
            assert_eq!(parts(text, true), (given.to_owned(), family.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_uncertain_split_is_unclear() {
        for (text, given, family, is_unclear) in [
            ("Di Caprio Leo", "Leo", "Di Caprio", true),
            ("Maria de los Ángeles", "Maria de los Ángeles", "", true),
            ("María del Carmen García", "María del Carmen", "García", false),
            ("Maria de Luca", "Maria", "de Luca", false),
            ("Anna Al Bano Rossi", "Anna", "Al Bano Rossi", true),
            ("Jean El Khoury", "Jean", "El Khoury", false),
            ("Ben Stone", "Ben", "Stone", false),
            ("Al Green", "Al", "Green", false),
            ("Mia Ben", "Mia", "Ben", false),
            ("Li Na", "Li", "Na", false),
            ("Ben Lee Stone", "Ben Lee", "Stone", true),
            ("Lo Turco Pia", "Pia", "Lo Turco", true),
            ("Ugo Das", "Ugo", "Das", false),
        ] {
            let name = split(text, false);
            assert_eq!((name.given.as_str(), name.family.as_str()), (given, family), "{text}");
            assert_eq!(name.is_unclear, is_unclear, "{text}");
        }
    }

    #[test]
    fn titles_and_degrees_are_left_out_and_generations_stay() {
        for (text, given, family, left_out) in [
            ("Dana Whitlock, RN", "Dana", "Whitlock", &["RN"][..]),
            ("Pete Marlow, Jr.", "Pete", "Marlow Jr.", &[]),
            ("Ruiz, Carla", "Carla", "Ruiz", &[]),
            ("Ortega, Luis, Jr.", "Luis", "Ortega Jr.", &[]),
            ("Ortega, Luis III", "Luis III", "Ortega", &[]),
            ("Ludwig van Beethoven Jr.", "Ludwig", "van Beethoven Jr.", &[]),
            ("Dr. Anna Bianchi", "Anna", "Bianchi", &["Dr."]),
            ("Prof. Dr. Anna Bianchi", "Anna", "Bianchi", &["Prof.", "Dr."]),
            ("Bianchi, Dott.ssa Anna", "Anna", "Bianchi", &["Dott.ssa"]),
            ("Ann Lee, MD, PhD", "Ann", "Lee", &["MD", "PhD"]),
            ("Ann Lee, DO", "Ann", "Lee", &["DO"]),
            ("LEE, DO", "DO", "LEE", &[]),
            ("Ma, Jun", "Jun", "Ma", &[]),
            ("Ann Do", "Ann", "Do", &[]),
            ("Dr. Bianchi", "Dr. Bianchi", "", &[]),
            ("Smith, Jr.", "Smith Jr.", "", &[]),
        ] {
            let name = split(text, false);
            assert_eq!((name.given.as_str(), name.family.as_str()), (given, family), "{text}");
            assert_eq!(name.left_out, left_out, "{text}");
        }
    }
}
