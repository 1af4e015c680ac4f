//! The content of a mail: its MIME source parsed into the parts that people and tests need.
//!
//! Parsing is tolerant and never fails: a source without headers is a mail without subject, and text that
//! can't be decoded is shown as far as possible.

use super::links::{self, Link};
use mail_parser::{Address, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use serde::Serialize;

/// How many characters of the text the preview has.
const PREVIEW: usize = 140;

/// A name and an address, as in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Correspondent {
    /// The name, decoded.
    pub(super) name: Option<String>,
    /// The address.
    pub(super) address: String,
}

/// A header field, unfolded, otherwise as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct HeaderField {
    /// The name, as the sender wrote it.
    pub(super) name: String,
    /// The value.
    pub(super) value: String,
}

/// An attached file, or an image that the HTML shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Attachment {
    /// The index in the mail, from 0: the last segment of its path.
    pub(super) index: usize,
    /// The file name, or else the content id, or else `attachment-` and the index.
    pub(super) name: String,
    /// The media type, `application/octet-stream` when it has none.
    pub(super) content_type: String,
    /// The size in bytes, decoded.
    pub(super) size: usize,
    /// The content id, which the HTML uses after `cid:`.
    pub(super) content_id: Option<String>,
}

/// The summary of a mail in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    /// Header From.
    pub(super) from: Option<Correspondent>,
    /// Header To.
    pub(super) to: Vec<Correspondent>,
    /// Header Subject, decoded; empty when there is none.
    pub(super) subject: String,
    /// The preview.
    pub(super) preview: String,
    /// The number of attachments.
    pub(super) attachment_count: usize,
}

/// The parsed content of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Content {
    /// Header From.
    pub(super) from: Option<Correspondent>,
    /// Header To.
    pub(super) to: Vec<Correspondent>,
    /// Header Cc.
    pub(super) cc: Vec<Correspondent>,
    /// Header Reply-To.
    pub(super) reply_to: Vec<Correspondent>,
    /// Header Subject, decoded; empty when there is none.
    pub(super) subject: String,
    /// The plain text; null when there is only HTML.
    pub(super) text: Option<String>,
    /// The HTML; null when there is only text.
    pub(super) html: Option<String>,
    /// Links in HTML and text.
    pub(super) links: Vec<Link>,
    /// Attachments.
    pub(super) attachments: Vec<Attachment>,
    /// All header fields of the mail, in order.
    pub(super) headers: Vec<HeaderField>,
}

/// The media type, name and decoded bytes of an attachment.
pub(super) struct File {
    /// The description of the attachment.
    pub(super) about: Attachment,
    /// The bytes.
    pub(super) bytes: Vec<u8>,
}

impl Summary {
    /// Parses the mail with the source `raw`.
    pub(super) fn of(raw: &[u8]) -> Self {
        let mail = parse(raw);
        let words = mail.body_text(0).unwrap_or_default();
        Self {
            from: correspondents(mail.from()).into_iter().next(),
            to: correspondents(mail.to()),
            subject: mail.subject().unwrap_or_default().to_owned(),
            preview: words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(PREVIEW).collect(),
            attachment_count: mail.attachment_count(),
        }
    }
}

impl Content {
    /// Parses the mail with the source `raw`.
    pub(super) fn of(raw: &[u8]) -> Self {
        let mail = parse(raw);
        let text = body(mail.text_bodies(), |part| match &part.body {
            PartType::Text(text) => Some(text),
            _ => None,
        });
        let html = body(mail.html_bodies(), |part| match &part.body {
            PartType::Html(html) => Some(html),
            _ => None,
        });
        Self {
            from: correspondents(mail.from()).into_iter().next(),
            to: correspondents(mail.to()),
            cc: correspondents(mail.cc()),
            reply_to: correspondents(mail.reply_to()),
            subject: mail.subject().unwrap_or_default().to_owned(),
            links: links::find(html.as_deref(), text.as_deref()),
            text,
            html,
            attachments: mail.attachments().enumerate().map(|(index, part)| about(index, part)).collect(),
            headers: headers(&mail),
        }
    }
}

/// The attachment at `index` of the mail with the source `raw`.
pub(super) fn file(raw: &[u8], index: usize) -> Option<File> {
    let mail = parse(raw);
    let part = mail.attachments().nth(index)?;
    Some(File { about: about(index, part), bytes: part.contents().to_vec() })
}

fn parse(raw: &[u8]) -> Message<'_> {
    MessageParser::default().parse(raw).unwrap_or_else(|| bare(raw))
}

/// Parses a source without any header field as the text of a mail. (A `Message` without a root part must not
/// be made: its accessors index it.)
fn bare(raw: &[u8]) -> Message<'_> {
    let root = MessagePart { body: PartType::Text(String::from_utf8_lossy(raw)), ..MessagePart::default() };
    Message { parts: vec![root], text_body: vec![0], html_body: vec![0], ..Message::default() }
}

fn body<'a, T: AsRef<str> + 'a>(
    parts: impl Iterator<Item = &'a MessagePart<'a>>,
    pick: impl Fn(&'a MessagePart<'a>) -> Option<&'a T>,
) -> Option<String> {
    let texts: Vec<&str> = parts.filter_map(pick).map(AsRef::as_ref).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn correspondents(field: Option<&Address<'_>>) -> Vec<Correspondent> {
    let all = field.into_iter().flat_map(Address::iter);
    all.filter_map(|one| {
        let name = one.name().map(str::to_owned);
        one.address().map(|address| Correspondent { name, address: address.to_owned() })
    })
    .collect()
}

fn headers(mail: &Message<'_>) -> Vec<HeaderField> {
    let fields = mail.parts.first().map(|root| root.headers.as_slice()).unwrap_or_default();
    let value = |from: u32, to: u32| {
        let raw = mail.raw_message.get(from as usize..to as usize).unwrap_or_default();
        String::from_utf8_lossy(raw).lines().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    let name = |field: &mail_parser::Header<'_>| field.name.as_str().to_owned();
    fields.iter().map(|f| HeaderField { name: name(f), value: value(f.offset_start, f.offset_end) }).collect()
}

fn about(index: usize, part: &MessagePart<'_>) -> Attachment {
    let media_type = part.content_type().map(|t| match t.subtype() {
        Some(subtype) => format!("{}/{subtype}", t.ctype()),
        None => t.ctype().to_owned(),
    });
    let name = part.attachment_name().or_else(|| part.content_id());
    Attachment {
        index,
        name: name.map_or_else(|| format!("attachment-{index}"), str::to_owned),
        content_type: media_type.unwrap_or_else(|| "application/octet-stream".into()).to_ascii_lowercase(),
        size: part.contents().len(),
        content_id: part.content_id().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_charsets_and_both_bodies() {
        let raw = b"From: =?utf-8?q?Palestra_Nov=C3=A0?= <hello@x.it>\r\nTo: Ada <ada@x.it>, bob@x.it\r\n\
            Subject: =?iso-8859-15?q?Quota_=A4?=\r\nX-Long: one\r\n two\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/alternative; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=windows-1252\r\n\r\nCaff\xe8: https://x.it/t\r\n\
            --b\r\nContent-Type: text/html\r\n\r\n<a href=\"https://x.it/h\">Open</a>\r\n--b--\r\n";
        let mail = Content::of(raw);
        assert_eq!(mail.from.unwrap().name.as_deref(), Some("Palestra Nov\u{e0}"));
        assert_eq!(mail.to[1], Correspondent { name: None, address: "bob@x.it".into() });
        assert_eq!(mail.subject, "Quota \u{20ac}");
        assert_eq!(mail.text.as_deref().map(str::trim), Some("Caff\u{e8}: https://x.it/t"));
        assert!(mail.html.unwrap().contains("Open"));
        assert_eq!(
            mail.links.iter().map(|l| &*l.url).collect::<Vec<_>>(),
            ["https://x.it/h", "https://x.it/t"]
        );
        let folded = mail.headers.iter().find(|field| field.name == "X-Long").unwrap();
        assert_eq!(folded.value, "one two");
    }

    #[test]
    fn html_alone_has_no_text_but_a_preview() {
        let raw = b"Content-Type: text/html\r\n\r\n<p>Hello   <b>Ada</b></p>";
        let mail = Content::of(raw);
        assert_eq!((mail.text, mail.html.is_some(), mail.attachments.len()), (None, true, 0));
        assert_eq!(Summary::of(raw).preview, "Hello Ada");
    }

    #[test]
    fn no_source_is_too_broken_to_be_shown() {
        for raw in [
            &b""[..],
            b"\r\n",
            b"no header at all",
            b"Subject\r\n\r\n",
            &[0xff; 64],
            b"Content-Type: multipart/mixed\r\n\r\n--",
        ] {
            let (mail, summary) = (Content::of(raw), Summary::of(raw));
            assert_eq!(mail.subject, summary.subject);
            assert!(file(raw, 99).is_none());
        }
        assert_eq!(Summary::of("\r\n\u{e8}".repeat(300).as_bytes()).preview.chars().count(), PREVIEW);
    }
}
