//! The links in a mail, which developers open most often.
//!
//! The HTML has the targets of `<a href>` and `<area href>` with their texts; the text has bare URLs. Each URL
//! is listed once, in the order of the mail, HTML first. A target that a click could run (`javascript:`,
//! `data:`) or that points into the mail (relative, fragment, `cid:`) is not a link.

use html5gum::{Token, Tokenizer, emitters::default::DefaultEmitter};
use linkify::{LinkFinder, LinkKind};
use serde::Serialize;

/// The greatest number of links, more than a mail for people has; the rest is left out.
const MOST: usize = 500;

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    /// Absolute: `https:`, `http:`, `mailto:`, `tel:`, or an app's own scheme.
    pub(super) url: String,
    /// The text of the link; the URL itself when there is none.
    pub(super) text: String,
}

/// The links of a mail with these bodies.
pub(super) fn find(html: Option<&str>, text: Option<&str>) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let mut keep = |link: Link| {
        if links.len() < MOST
            && leads_somewhere(&link.url)
            && !links.iter().any(|known| known.url == link.url)
        {
            links.push(link);
        }
    };
    html.map(anchors).unwrap_or_default().into_iter().for_each(&mut keep);
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    for found in finder.links(text.unwrap_or_default()) {
        keep(Link { url: found.as_str().to_owned(), text: found.as_str().to_owned() });
    }
    links
}

fn anchors(html: &str) -> Vec<Link> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut links: Vec<Link> = Vec::new();
    let mut open = false;
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(tag) if **tag.name == *b"a" || **tag.name == *b"area" => {
                let target = tag
                    .attributes
                    .get(&b"href"[..])
                    .map(|href| String::from_utf8_lossy(href).trim().to_owned());
                open = target.is_some() && **tag.name == *b"a";
                links.extend(target.map(|url| Link { url, text: String::new() }));
            }
            Token::EndTag(tag) if **tag.name == *b"a" => open = false,
            Token::StartTag(tag) if open && **tag.name == *b"img" => {
                let alt =
                    tag.attributes.get(&b"alt"[..]).map(|alt| String::from_utf8_lossy(alt).into_owned());
                if let (Some(link), Some(alt)) = (links.last_mut(), alt) {
                    link.text.push_str(&alt);
                }
            }
            Token::String(words) if open => {
                if let Some(link) = links.last_mut() {
                    link.text.push_str(&String::from_utf8_lossy(&words));
                }
            }
            _ => {}
        }
    }
    for link in &mut links {
        link.text = link.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if link.text.is_empty() {
            link.text.clone_from(&link.url);
        }
    }
    links
}

fn leads_somewhere(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else { return false };
    let well_formed = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let barred = ["javascript", "vbscript", "data", "blob", "file", "about", "cid", "mid"];
    well_formed && !rest.is_empty() && !barred.contains(&scheme.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(html: &str, text: &str) -> Vec<String> {
        find(Some(html), Some(text)).into_iter().map(|link| link.url).collect()
    }

    #[test]
    fn a_link_has_its_target_unescaped_and_the_words_that_one_clicks() {
        let html = r#"<style>a{color:red}</style><p>Hi <A class=x
            HREF=' https://x.it/verify?token=a&amp;b=1 '> Verify <b>your</b>
            mail</A> or <a href=https://x.it/logo><img alt="Logo"></a>, <a href="https://x.it/bare"></a>"#;
        let link = |url: &str, text: &str| Link { url: url.into(), text: text.into() };
        assert_eq!(
            find(Some(html), None),
            [
                link("https://x.it/verify?token=a&b=1", "Verify your mail"),
                link("https://x.it/logo", "Logo"),
                link("https://x.it/bare", "https://x.it/bare"),
            ]
        );
    }

    #[test]
    fn a_bare_url_ends_before_the_punctuation_around_it() {
        let text = "Go to https://x.it/reset?t=1_2-3. Or (http://x.it/a(b)), or ada@x.it.";
        assert_eq!(urls("", text), ["https://x.it/reset?t=1_2-3", "http://x.it/a(b)"]);
    }

    #[test]
    fn each_url_comes_once_and_html_comes_first() {
        let html = r#"<a href="https://x.it/2">two</a><a href="https://x.it/1">one</a><a href="https://x.it/2">again</a>"#;
        assert_eq!(
            urls(html, "https://x.it/1 https://x.it/3"),
            ["https://x.it/2", "https://x.it/1", "https://x.it/3"]
        );
    }

    #[test]
    fn what_a_click_could_run_is_no_link_and_an_app_scheme_is() {
        let html = r##"<a href="JavaScript:alert(1)">a</a><a href="data:text/html,x">b</a><a href="#top">c</a>
            <a href="/relative">d</a><a href="cid:logo">e</a><a>f</a><a href="">g</a><a href="http:">h</a>
            <a href="tryzore://bookings/1">i</a><a href="mailto:ada@x.it">j</a>
            <!-- <a href="https://x.it/comment">k</a> --><script>"<a href='https://x.it/script'>"</script>"##;
        assert_eq!(urls(html, ""), ["tryzore://bookings/1", "mailto:ada@x.it"]);
    }
}
