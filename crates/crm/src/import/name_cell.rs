//! A whole name in one cell, taken apart.
//!
//! A comma settles it. Without one, a particle (`De Luca`, `van der Berg`) starts the family name,
//! and else the last word is the family name, or the first where the column is family name first.
//! That is a guess, and a harmless one: the name reads the same when it is put together again.

const PARTICLES: [&str; 38] = [
    "de", "di", "da", "del", "della", "dello", "dei", "degli", "delle", "dal", "dalla", "lo", "la", "li",
    "van", "von", "der", "den", "ter", "ten", "zu", "zum", "zur", "af", "av", "le", "du", "des", "dos",
    "das", "do", "bin", "ibn", "al", "el", "ben", "san", "st.",
];

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.to_lowercase().as_str())
}

/// Given name and family name. The family name is empty for one-word names.
pub(crate) fn split(text: &str, family_first: bool) -> (String, String) {
    if let Some((family, given)) = text.split_once(',')
        && !given.trim().is_empty()
    {
        return (given.trim().to_owned(), family.trim().to_owned());
    }
    let words: Vec<&str> = text.trim_end_matches(',').split_whitespace().collect();
    let last = words.len().saturating_sub(1);
    let (before, after) = if family_first {
        // The particles and the word after them, but never all of the words.
        let particles = words.iter().take_while(|word| is_particle(word)).count();
        words.split_at((particles + 1).min(last))
    } else {
        let family =
            words.iter().enumerate().skip(1).take(last.saturating_sub(1)).find(|(_, word)| is_particle(word));
        words.split_at(family.map_or(last, |(at, _)| at))
    };
    match (family_first, before.is_empty()) {
        (_, true) => (after.join(" "), String::new()),
        (true, false) => (after.join(" "), before.join(" ")),
        (false, false) => (before.join(" "), after.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

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
            assert_eq!(split(text, false), (given.to_owned(), family.to_owned()), "{text}");
        }
    }

    #[test]
    fn where_the_family_name_is_first_its_particles_are_too() {
        for (text, given, family) in [
            ("Rossi Anna Maria", "Anna Maria", "Rossi"),
            ("De Luca Anna", "Anna", "De Luca"),
            ("van der Berg Jan", "Jan", "van der Berg"),
            ("De Luca", "Luca", "De"),
            ("Suharto", "Suharto", ""),
        ] {
            assert_eq!(split(text, true), (given.to_owned(), family.to_owned()), "{text}");
        }
    }
}
