//! The chapters.

use crate::Teller;
use crate::{imports, invitations, onboarding, operators};
use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::future::{join_all, try_join_all};
use serde_json::{Value, json};
use xtask::caller::{Answer, Caller, text};

const SPOTS: usize = 20;
const CROWD: usize = 60;

/// The people and locations of the story.
struct Cast {
    owner: Caller,
    trainer: Caller,
    front_desk: Caller,
    /// Sixty clients at Main: those whose home it is, and visitors who have switched to it.
    crowd: Vec<Caller>,
    main: String,
    now: DateTime<Utc>,
}

/// Runs the whole story.
pub async fn tell(teller: &mut Teller) -> anyhow::Result<()> {
    let cast = gather(teller).await?;
    let class = full_class(teller, &cast).await?;
    second_chances(teller, &cast, &class).await?;
    late(teller, &cast).await?;
    visiting(teller, &cast).await?;
    series(teller, &cast).await?;
    class_day(teller, &cast).await?;
    imports::tell(teller, &cast.owner).await?;
    refused(teller, &cast, &class.id).await?;
    invitations::tell(teller, &cast.owner, &cast.main).await?;
    let newcomer = onboarding::tell(teller, &cast.owner, &class.id).await?;
    operators::tell(teller, &newcomer).await
}

async fn gather(teller: &mut Teller) -> anyhow::Result<Cast> {
    teller.chapter("People arrive");
    let owner = Caller::sign_in(&teller.addresses().crm, "owner@demo.com").await?;
    let places = owner.session["available"].as_array().cloned().unwrap_or_default();
    teller.holds("the owner signs in and sees three locations", places.len() == 3)?;
    let main = places.iter().find(|place| place["name"] == "Main").context("no location Main")?;
    let main = text(main, "id")?;
    let trainer = Caller::sign_in(&teller.addresses().crm, "trainer@demo.com").await?;
    let front_desk = Caller::sign_in(&teller.addresses().crm, "frontdesk@demo.com").await?;

    // Main is the home of every third client; of the later ones, some of Westside have switched to it. The 102nd is
    // client@demo.com.
    let at_home = (1..50).map(|n| 3 * n).filter(|n| *n != 102);
    let visitors = (34..50).map(|n| 3 * n - 1).filter(|n| *n >= 100);
    let emails: Vec<_> = at_home.chain(visitors).take(CROWD).map(|n| format!("client{n}@demo.com")).collect();
    let mut crowd =
        try_join_all(emails.iter().map(|email| Caller::sign_in(&teller.addresses().app, email))).await?;
    for client in &mut crowd {
        if client.session["organization"]["id"] != json!(main) {
            *client = client.switch(&main).await?;
        }
    }
    let now = owner.get("/auth/sessions").await?.at;
    teller.holds(format!("{CROWD} clients sign in, some of other locations"), crowd.len() == CROWD)?;
    Ok(Cast { owner, trainer, front_desk, crowd, main, now })
}

/// A full class, and the clients on its waitlist, in order.
struct FullClass {
    id: String,
    booked: Vec<(usize, String)>,
    waiting: Vec<(usize, u64)>,
}

async fn full_class(teller: &mut Teller, cast: &Cast) -> anyhow::Result<FullClass> {
    teller.chapter("Sixty want twenty spots");
    let id = create(cast, "Saturday HIIT", SPOTS, TimeDelta::hours(30)).await?;
    teller.says(format!("the owner puts a class with {SPOTS} spots on the schedule"));
    let path = format!("/events/{id}/book");
    let answers = join_all(cast.crowd.iter().map(|client| client.post_once(&path, &id))).await;
    let (mut booked, mut left) = (Vec::new(), Vec::new());
    for (who, answer) in answers.into_iter().enumerate() {
        let answer = answer?;
        match answer.status.as_u16() {
            201 => booked.push((who, text(&answer.body, "id")?)),
            _ => left.push((who, answer)),
        }
    }
    teller.holds(format!("of {CROWD} at once exactly {SPOTS} have a spot"), booked.len() == SPOTS)?;
    let full = left.iter().all(|(_, answer)| answer.code() == "events.book.full");
    teller.holds("the others are told that it is full", full)?;
    explain(teller, &left[0].1);

    let (who, booking) = &booked[0];
    let again = cast.crowd[*who].post_once(&path, &id).await?.expect(201, "a repeated request")?;
    teller.holds("who asks again with the same key gets the first answer", again["id"] == json!(booking))?;

    let path = format!("/events/{id}/waitlist");
    let line = join_all(left.iter().map(|(who, _)| cast.crowd[*who].post(&path, json!({})))).await;
    let mut waiting = Vec::new();
    for ((who, _), answer) in left.iter().zip(line) {
        let place = answer?.expect(201, "a client joins the line")?;
        waiting.push((*who, place["position"].as_u64().context("no position")?));
    }
    waiting.sort_by_key(|(_, position)| *position);
    let in_order = waiting.iter().enumerate().all(|(at, (_, position))| *position == at as u64 + 1);
    teller.holds(format!("{} wait in line, each with a place of her own", waiting.len()), in_order)?;
    Ok(FullClass { id, booked, waiting })
}

async fn second_chances(teller: &mut Teller, cast: &Cast, class: &FullClass) -> anyhow::Result<()> {
    teller.chapter("Who gives a spot back gives it to the next");
    for (turn, (who, booking)) in class.booked.iter().take(3).enumerate() {
        let path = format!("/events/{}/bookings/{booking}", class.id);
        let given = cast.crowd[*who].delete(&path, None).await?.expect(200, "a spot is given back")?;
        teller.holds(
            "it is in time and costs nothing",
            given["status"] == "canceled" && given["fee"]["minor"] == 0,
        )?;
        let next = &cast.crowd[class.waiting[turn].0];
        let mine = next.get("/bookings").await?.expect(200, "the next one looks")?;
        let has = mine["data"]
            .as_array()
            .is_some_and(|mine| mine.iter().any(|one| one["event_id"] == json!(class.id)));
        teller.holds(format!("the {} in line has the spot at once", ordinal(turn + 1)), has)?;
    }
    let seen = cast.owner.get(&format!("/events/{}", class.id)).await?.expect(200, "the owner looks")?;
    teller.holds("the class is still full, and not more", seen["spots_booked"] == json!(SPOTS))
}

async fn late(teller: &mut Teller, cast: &Cast) -> anyhow::Result<()> {
    teller.chapter("A late cancellation");
    let id = create(cast, "Lunch Pilates", 5, TimeDelta::minutes(90)).await?;
    let client = &cast.crowd[0];
    let booking =
        client.post(&format!("/events/{id}/book"), json!({})).await?.expect(201, "a client books")?;
    let path = format!("/events/{id}/bookings/{}", text(&booking, "id")?);
    let given = client.delete(&path, None).await?.expect(200, "the client gives it back")?;
    teller.holds("90 minutes before the start it is late", given["status"] == "canceled_late")?;
    teller.says(format!(
        "the fee is {} {}, for billing to collect",
        given["fee"]["minor"], given["fee"]["currency"]
    ));
    teller.holds("the fee is the location's", given["fee"]["minor"] == 1500)
}

async fn visiting(teller: &mut Teller, cast: &Cast) -> anyhow::Result<()> {
    teller.chapter("A visitor");
    let id = create(cast, "Evening Yin", 5, TimeDelta::hours(8)).await?;
    let path = format!("/events/{id}/book");
    let visitor = Caller::sign_in(&teller.addresses().app, "client148@demo.com").await?;
    let (home, other) = (
        text(&visitor.session["organization"], "id")?,
        Caller::sign_in(&teller.addresses().app, "client149@demo.com").await?,
    );
    teller.holds("a client of Downtown is at Downtown", home != cast.main)?;
    let restricted = visitor.post(&path, json!({})).await?;
    teller.holds(
        "a location outside her membership is refused",
        restricted.code() == "events.book.location_restricted",
    )?;
    explain(teller, &restricted);
    let back = other.session["available"]
        .as_array()
        .and_then(|all| all.iter().find(|p| p["id"] != json!(cast.main)));
    let elsewhere = other.switch(&text(back.context("only one location")?, "id")?).await?;
    let unswitched = elsewhere.post(&path, json!({})).await?;
    teller.holds(
        "a client who may visit Main is asked to switch to it first",
        unswitched.code() == "events.book.location_not_selected",
    )?;
    explain(teller, &unswitched);
    let there = elsewhere.switch(&cast.main).await?;
    let booking = there.post(&path, json!({})).await?.expect(201, "the visitor books")?;
    teller.holds(
        "then she books, as a visitor",
        booking["home_organization_id"] != booking["attended_organization_id"],
    )
}

async fn series(teller: &mut Teller, cast: &Cast) -> anyhow::Result<()> {
    teller.chapter("Every Monday at half past six");
    let first = (cast.now + TimeDelta::days(1)).date_naive();
    // The story may run more than once on one database.
    let name = format!("Monday Strength {}", cast.now.format("%H:%M:%S"));
    let draft = json!({
        "organization_id": cast.main, "weekly": { "weekdays": ["mon"] }, "starts_on": first, "local_time": "18:30:00",
        "kind": "class", "name": name, "duration_minutes": 60, "spots_total": 12
    });
    let saved = cast.owner.post("/event-series", draft).await?.expect(201, "the owner creates a series")?;
    teller.says(format!("created: {}", saved["rule"].as_str().unwrap_or_default()));
    let (from, to) = (iso(cast.now), iso(cast.now + TimeDelta::days(56)));
    let path = format!("/events?from={from}&to={to}&organization_id={}&limit=200", cast.main);
    let listed = cast.owner.get(&path).await?.expect(200, "the owner looks at the schedule")?;
    let count =
        listed["data"].as_array().map_or(0, |all| all.iter().filter(|e| e["name"] == json!(name)).count());
    teller.holds(
        format!("{count} Mondays are on the schedule of the next eight weeks"),
        (7..=8).contains(&count),
    )
}

async fn class_day(teller: &mut Teller, cast: &Cast) -> anyhow::Result<()> {
    teller.chapter("The front desk");
    let id = create(cast, "Open Flow", 5, TimeDelta::minutes(20)).await?;
    for client in &cast.crowd[1..4] {
        client.post(&format!("/events/{id}/book"), json!({})).await?.expect(201, "a client books")?;
    }
    let roster = cast
        .front_desk
        .get(&format!("/events/{id}/roster"))
        .await?
        .expect(200, "the front desk reads the roster")?;
    let booked = roster["clients"].as_array().cloned().unwrap_or_default();
    teller.holds("the roster has three names", booked.len() == 3)?;
    let booking = text(&booked[0], "booking_id")?;
    let path = format!("/events/{id}/bookings/{booking}/check-in");
    let came =
        cast.front_desk.post(&path, json!({})).await?.expect(200, "the front desk checks someone in")?;
    teller.holds("20 minutes before the start check-in is open", came["status"] == "attended")
}

async fn refused(teller: &mut Teller, cast: &Cast, class: &str) -> anyhow::Result<()> {
    teller.chapter("What one may not do, and why");
    let reason = Some(json!({ "reason": "I would rather not" }));
    let answer = cast.trainer.delete(&format!("/events/{class}"), reason).await?;
    teller.holds("a trainer cannot cancel a class", answer.status.as_u16() == 403)?;
    explain(teller, &answer);
    let told = cast.crowd[1].post(&format!("/events/{class}/book"), json!({})).await?;
    let decision = text(&told.body["denial"], "decision_id")?;
    let kept = cast.owner.get(&format!("/decisions/{decision}")).await?.expect(200, "the owner asks why")?;
    teller.holds("the owner can look up any refusal of her locations", kept["code"] == told.body["code"])?;
    let nothing = cast.trainer.get(&format!("/decisions/{decision}")).await?;
    teller.holds(
        "a trainer, whom it does not concern, is told that there is none",
        nothing.status.as_u16() == 404,
    )
}

async fn create(cast: &Cast, name: &str, spots: usize, ahead: TimeDelta) -> anyhow::Result<String> {
    let draft = json!({
        "organization_id": cast.main, "start": iso(cast.now + ahead), "name": name, "kind": "class",
        "duration_minutes": 60, "spots_total": spots
    });
    let event: Value = cast.owner.post("/events", draft).await?.expect(201, "the owner creates a class")?;
    text(&event, "id")
}

/// Prints why `answer` refuses, and what would change that.
pub(super) fn explain(teller: &Teller, answer: &Answer) {
    let denial = &answer.body["denial"];
    for fact in denial["because"].as_array().into_iter().flatten() {
        teller.says(format!(
            "    because {} is {}",
            fact["fact"].as_str().unwrap_or_default(),
            fact["value"]
        ));
    }
    if let Some(remedy) = denial["remedy"]["text"].as_str() {
        teller.says(format!("    remedy: {remedy}"));
    }
}

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn ordinal(n: usize) -> String {
    match n {
        1 => "first".into(),
        2 => "second".into(),
        3 => "third".into(),
        n => format!("{n}th"),
    }
}
