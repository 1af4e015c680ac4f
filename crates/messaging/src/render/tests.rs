use super::*;
use serde_json::{Value, json};

const TEMPLATE: &str = "{% set subject %}Spot: {{ event }}{% endset %}
{% set text %}
Hi {{ name }},

come on {{ starts_at|moment(zone) }}.
{% endset %}
{% set action %}Go{% endset %}";

fn facts() -> Value {
    json!({
        "name": "Ada",
        "event": "Yoga",
        "starts_at": "2026-03-02T17:30:00Z",
        "zone": "Europe/Rome",
        "link": "https://app.example.com/go?token=abc&x=1",
    })
}

fn written(template: &str, facts: Value, locale: Locale) -> Result<Mail, RenderError> {
    let letter = AnyLetter { template: "spot".into(), facts };
    render(template, &letter, "ada@example.com".parse().unwrap(), locale)
}

#[test]
fn a_letter_has_its_facts_its_times_in_its_language_and_its_link() {
    let mail = written(TEMPLATE, facts(), Locale::It).unwrap();
    assert_eq!(mail.subject, "Spot: Yoga");
    assert_eq!(
        mail.text,
        "Hi Ada,\n\ncome on lunedì 2 marzo 2026, 18:30.\n\nGo:\nhttps://app.example.com/go?token=abc&x=1\n"
    );
}

#[test]
fn plain_text_and_html_have_the_same_text() {
    let mail = written(TEMPLATE, facts(), Locale::It).unwrap();
    for line in mail.text.lines().filter(|line| !line.is_empty() && !line.ends_with(':')) {
        let escaped = line.replace('&', "&amp;").replace('\'', "&#x27;").replace('/', "&#x2f;");
        assert!(mail.html.contains(&escaped), "{escaped}\n{}", mail.html);
    }
}

#[test]
fn typed_text_is_neither_markup_nor_a_header() {
    let mut malicious = facts();
    malicious["event"] = json!("Yoga\r\nBcc: all@example.com <b>{{ name }}</b>");
    let mail = written(TEMPLATE, malicious, Locale::En).unwrap();
    assert_eq!(mail.subject, "Spot: Yoga Bcc: all@example.com <b>{{ name }}</b>");
    assert!(!mail.html.contains("<b>") && mail.html.contains("&lt;b&gt;"));
}

#[test]
fn a_template_with_an_unknown_fact_or_a_time_that_is_none_is_broken() {
    for template in [
        "{% set subject %}{{ surname }}{% endset %}{% set text %}Hi{% endset %}",
        "{% set subject %}{{ name|moment(zone) }}{% endset %}{% set text %}Hi{% endset %}",
        "{% set subject %}{{ starts_at|moment(name) }}{% endset %}{% set text %}Hi{% endset %}",
        "{% set subject %}Hi{% endset %}",
        "{% set subject %}Hi",
    ] {
        assert!(written(template, facts(), Locale::En).is_err(), "{template}");
    }
}
