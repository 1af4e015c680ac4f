//! Recognizes damaged text: invisible characters, and text that was decoded with the wrong encoding.

/// Marks without a width that change the direction of text: they hide in copied values and make two equal
/// values differ. The joiners that Indic and Persian words need are not included.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{180e}')
}

/// The joiners inside words; numbers, addresses and dates have none.
pub(crate) const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether `text` has characters that could not be decoded, or UTF-8 that was decoded as
/// Windows-1252: `NiccolÃ²` for `Niccolò`.
pub(crate) fn is_garbled(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let pairs = text.chars().zip(text.chars().skip(1));
    text.contains('\u{fffd}') || pairs.into_iter().any(|(lead, next)| is_torn(lead, next))
}

/// Whether `lead` and `next` are the first two bytes of one character, each decoded as a character.
fn is_torn(lead: char, next: char) -> bool {
    // An apostrophe, a dash and an ellipsis may follow any letter.
    let follows = is_second_byte(next) && !matches!(next, '’' | '‘' | '“' | '”' | '–' | '—' | '…' | '\u{a0}');
    match lead {
        'Ã' | 'Â' => is_second_byte(next),
        'Ä' | 'Å' | 'Î' | 'Ï' | 'Ð' | 'Ñ' | 'Ø' | 'Ù' => follows && !matches!(next, 'ª' | 'º' | '·'),
        'â' => matches!(next, '€' | '‚' | '„' | '\u{80}' | '\u{84}'),
        'à' => matches!(next, '¸' | '¹' | '¤' | '¥'),
        _ => false,
    }
}

/// Whether `c` is the Windows-1252 character for one of the bytes 0x80 to 0xBF.
const fn is_second_byte(c: char) -> bool {
    matches!(
        c,
        '\u{80}'
            ..='\u{bf}'
                | '€'
                | '‚'
                | 'ƒ'
                | '„'
                | '…'
                | '†'
                | '‡'
                | 'ˆ'
                | '‰'
                | 'Š'
                | '‹'
                | 'Œ'
                | 'Ž'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '•'
                | '–'
                | '—'
                | '˜'
                | '™'
                | 'š'
                | '›'
                | 'œ'
                | 'ž'
                | 'Ÿ'
    )
}

/// Whether `name` is hardly a Western European name, but looks like Thai, Cyrillic, Polish or Macintosh
/// text that was decoded as Windows-1252.
pub(crate) fn is_implausible_western(name: &str) -> bool {
    name.split(|c: char| c.is_whitespace() || c == '-').any(is_implausible_word)
}

fn is_implausible_word(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    // `Mª Carmen`, `Nº`.
    let is_short = letters.len() <= 3;
    let symbol = |c: &char| match c {
        'ª' | 'º' => !is_short,
        '·' | '´' | '\u{a0}' => false,
        '\u{80}'..='\u{bf}' | '×' | '÷' => true,
        '€' | '‚' | 'ƒ' | '„' | '…' | '†' | '‡' | 'ˆ' | '‰' | '‹' | '•' | '˜' | '™' | '›' => {
            true
        }
        _ => false,
    };
    let foreign = letters.windows(3).any(|three| three.iter().all(|c| !c.is_ascii() && c.is_alphabetic()));
    // Macintosh text has these in place of small letters: `JosŽ`, `MŸller`, `Mu–oz`.
    let misplaced = letters.windows(2).any(|two| match two {
        [before, after] => before.is_lowercase() && matches!(after, 'Ž' | 'Š' | 'Œ' | 'Ÿ'),
        _ => false,
    });
    let inner = letters.windows(3).any(|three| match three {
        [before, mark, after] => {
            before.is_alphabetic() && after.is_lowercase() && matches!(mark, 'Ÿ' | '–' | '—')
        }
        _ => false,
    });
    letters.iter().any(symbol) || foreign || misplaced || inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_wrong_encoding_is_recognized() {
        for garbled in
            ["NiccolÃ²", "MÃ¼ller", "Nu\u{fffd}ez", "O’â€™Brien", "Å¡ime", "Ð˜Ð²Ð°Ð½", "à¸ªà¸¡", "Â°"]
        {
            assert!(is_garbled(garbled), "{garbled}");
        }
        for sound in [
            "Niccolò",
            "São João",
            "JOÃO",
            "ANDRÉ’S",
            "Łukasz",
            "สมชาย",
            "NUÑEZ",
            "Gal·la",
            "Иван",
            "Ângela",
            "MÄ’s",
        ] {
            assert!(!is_garbled(sound), "{sound}");
        }
    }

    #[test]
    fn implausible_western_text_is_recognized() {
        for wrong in ["ÊÁªÒÂ", "£ukasz", "Ma³gorzata", "Èâàí", "JosŽ", "MŸller", "Mu–oz", "Niccol˜"]
        {
            assert!(is_implausible_western(wrong), "{wrong}");
        }
        for right in [
            "Niccolò",
            "Zoë",
            "Åså",
            "Mª Carmen",
            "Gal·la",
            "O’Brien",
            "Žižek",
            "Œuvrard",
            "Šárka",
            "Peña – Núñez",
        ] {
            assert!(!is_implausible_western(right), "{right}");
        }
    }
}
