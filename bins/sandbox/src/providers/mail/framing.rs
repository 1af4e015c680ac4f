//! Splits a stream of bytes into command lines, however they arrive: one at a time, in parts, or many at once.

use bytes::{Buf, Bytes, BytesMut};

/// The longest command line, its end included. RFC 5321 requires 512 and each extension adds to it (SIZE 26,
/// 8BITMIME 17, SMTPUTF8 10, AUTH a response in base64): this is enough for all of them.
pub(super) const MAX_LINE: usize = 2048;

/// The start of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framed {
    /// A whole line, with its end.
    Line(Bytes),
    /// The end of a line that was longer than [`MAX_LINE`]; its text was discarded.
    TooLong,
    /// No whole line yet.
    Part,
}

/// Splits lines; remembers whether the current line is too long.
#[derive(Debug, Default)]
pub(super) struct Framing {
    overlong: bool,
}

impl Framing {
    /// Takes the next line out of `input`. A line that is too long is discarded, so that `input` stays bounded.
    pub(super) fn next(&mut self, input: &mut BytesMut) -> Framed {
        match input.iter().position(|byte| *byte == b'\n') {
            Some(end) if self.overlong || end >= MAX_LINE => {
                input.advance(end + 1);
                self.overlong = false;
                Framed::TooLong
            }
            Some(end) => Framed::Line(input.split_to(end + 1).freeze()),
            None => {
                if self.overlong || input.len() >= MAX_LINE {
                    self.overlong = true;
                    input.clear();
                }
                Framed::Part
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_have_2048_octets_and_no_more() {
        let line = |length: usize| BytesMut::from(&*format!("{}\r\n", "x".repeat(length - 2)));
        assert!(
            matches!(Framing::default().next(&mut line(MAX_LINE)), Framed::Line(l) if l.len() == MAX_LINE)
        );
        assert_eq!(Framing::default().next(&mut line(MAX_LINE + 1)), Framed::TooLong);
    }

    #[test]
    fn what_follows_a_line_that_is_too_long_is_a_line_of_its_own() {
        let (mut framing, mut input) = (Framing::default(), BytesMut::new());
        for _ in 0..3 {
            input.extend_from_slice(&[b'x'; MAX_LINE]);
            assert_eq!(framing.next(&mut input), Framed::Part);
            assert!(input.is_empty());
        }
        input.extend_from_slice(b"QUIT\r\nNOOP\r\nRS");
        assert_eq!(framing.next(&mut input), Framed::TooLong);
        assert_eq!(framing.next(&mut input), Framed::Line(Bytes::from_static(b"NOOP\r\n")));
        assert_eq!(framing.next(&mut input), Framed::Part);
        input.extend_from_slice(b"ET\r\n");
        assert_eq!(framing.next(&mut input), Framed::Line(Bytes::from_static(b"RSET\r\n")));
    }
}
