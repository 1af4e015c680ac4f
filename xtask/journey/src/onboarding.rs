//! A second brand: a stranger signs up, is interrupted, finishes, and sees nothing of the first one.

use crate::Teller;
use anyhow::Context;
use serde_json::{Value, json};
use xtask::caller::{Caller, text};

pub(super) const PASSWORD: &str = "a long enough password";

/// The owner of the second brand.
pub struct Newcomer {
    pub(super) owner: Caller,
    pub(super) email: String,
    pub(super) tenant: String,
}

/// Runs the chapter; `other` owns another tenant, which has the event `event`.
pub async fn tell(teller: &mut Teller, other: &Caller, event: &str) -> anyhow::Result<Newcomer> {
    let (email, tenant) = sign_up(teller).await?;
    let owner = dashboard(teller, &email, &tenant).await?;
    nothing_of_others(teller, &owner, other, event).await?;
    Ok(Newcomer { owner, email, tenant })
}

async fn sign_up(teller: &mut Teller) -> anyhow::Result<(String, String)> {
    teller.chapter("A stranger opens a gym of her own");
    let visitor = Caller::nobody(&teller.addresses().crm);
    let started = visitor.post("/onboarding/start", json!({})).await?.expect(201, "onboarding starts")?;
    let session = format!("/onboarding/session/{}", text(&started, "session_token")?);
    // The story may run more than once on one database: the address must be new.
    let moment: String = text(&started, "expires_at")?.chars().filter(char::is_ascii_digit).collect();
    let email = format!("nora.{moment}@example.com");
    let early = visitor.post(&format!("{session}/complete"), json!({})).await?;
    teller.holds("no step is left out", early.code() == "onboarding.step.out_of_order")?;
    let details = json!({ "name": "Nora Neri", "email": email });
    let told = visitor.post(&format!("{session}/step/1"), details).await?.expect(200, "name and address")?;
    teller.holds("next is the account", told["next_step"] == "account")?;
    let proof = mailed(teller, &email).await?;
    teller.says("a mail comes with a link that proves the mailbox");

    let later = Caller::nobody(&teller.addresses().crm);
    let resumed = later.get(&session).await?.expect(200, "another connection")?;
    teller.holds(
        "the browser was closed; who has the token goes on where she stopped",
        resumed["next_step"] == "account" && resumed["details"]["email"] == json!(email),
    )?;
    let account = json!({ "password": PASSWORD, "proof": proof });
    later.post(&format!("{session}/step/2"), account).await?.expect(200, "a password is chosen")?;
    let early = Caller::nobody(&teller.addresses().crm)
        .post("/auth/login", json!({ "email": email, "password": PASSWORD }))
        .await?;
    teller.holds(
        "an account without a gym cannot sign in yet, and is told to go on",
        early.code() == "auth.login.no_membership"
            && early.body["denial"]["remedy"]["action"] == "start_onboarding",
    )?;
    let wrong = later.post(&format!("{session}/step/3"), locations("Rome")).await?;
    teller.holds(
        "a time zone that there is not is refused, field by field",
        wrong.status.as_u16() == 422 && wrong.body["errors"][0]["pointer"] == "/locations/0/time_zone",
    )?;
    later
        .post(&format!("{session}/step/3"), locations("Europe/Rome"))
        .await?
        .expect(200, "three locations")?;
    let done = later.post(&format!("{session}/complete"), json!({})).await?.expect(200, "it opens")?;
    let again = later.post(&format!("{session}/complete"), json!({})).await?.expect(200, "once more")?;
    teller.holds("opened twice is opened once", done == again)?;
    teller.holds("payments can wait", done["next_step"] == "payments" && done["can_skip"] == json!(true))?;
    Ok((email, text(&done, "tenant_id")?))
}

fn locations(zone: &str) -> Value {
    let location =
        |name: &str| json!({ "name": name, "address": "Via Po 1", "time_zone": zone, "currency": "EUR" });
    let locations = ["North", "South", "Lake"].map(location);
    json!({ "business_name": "Neri", "locations": locations })
}

/// The token after `#token=` in the newest mail to `email`.
pub(super) async fn mailed(teller: &Teller, email: &str) -> anyhow::Result<String> {
    let url = format!("{}/messages/next?to={email}&wait_ms=30000", teller.addresses().mail);
    let answer = reqwest::get(&url).await.with_context(|| format!("{url}: is the sandbox running?"))?;
    let mail: Value = answer.error_for_status().context("no mail came")?.json().await?;
    let links = mail["links"].as_array().cloned().unwrap_or_default();
    let tokens = links.iter().filter_map(|link| link["url"].as_str()?.split_once("#token="));
    tokens.map(|(_, token)| token.to_owned()).next().with_context(|| format!("no link in {mail}"))
}

async fn dashboard(teller: &mut Teller, email: &str, tenant: &str) -> anyhow::Result<Caller> {
    let owner = Caller::sign_in_with(&teller.addresses().crm, email, PASSWORD).await?;
    teller.holds("she signs in to her own tenant", owner.session["tenant"]["id"] == json!(tenant))?;
    let me = owner.get("/auth/me").await?.expect(200, "who she is")?;
    teller.holds("she is its owner", me["user"]["owner_account_id"].is_string())?;
    let places = owner.get("/organizations").await?.expect(200, "her locations")?;
    let mut names: Vec<_> = places["data"].as_array().into_iter().flatten().map(|it| &it["name"]).collect();
    names.sort_by_key(|name| name.to_string());
    teller.holds("with three locations, and no other", names == ["Lake", "North", "South"])?;
    Ok(owner)
}

async fn nothing_of_others(
    teller: &mut Teller,
    owner: &Caller,
    other: &Caller,
    event: &str,
) -> anyhow::Result<()> {
    teller.chapter("Two brands know nothing of each other");
    let client = other.get("/clients?limit=1").await?.expect(200, "a client of the other")?;
    let place = text(&other.session["organization"], "id")?;
    let foreign = [
        ("events", event.to_owned()),
        ("clients", text(&client["data"][0], "id")?),
        ("organizations", place),
    ];
    for (what, id) in foreign {
        let path = format!("/{what}/{id}");
        other.get(&path).await?.expect(200, "the other owner sees it")?;
        let told = owner.get(&path).await?;
        // An id of the same kind that belongs to nothing: its random end is reversed.
        let nothing = owner.get(&format!("/{what}/{}", nowhere(&id))).await?;
        let same = ["status", "code", "title", "detail"].iter().all(|it| told.body[it] == nothing.body[it]);
        teller.holds(
            format!("one of the other's {what} is not there for her, just as one that never was"),
            told.status.as_u16() == 404 && nothing.status.as_u16() == 404 && same,
        )?;
    }
    for path in ["/clients", "/event-templates", "/event-series", "/imports", "/staff/invitations"] {
        let listed = owner.get(path).await?.expect(200, "a list")?;
        teller.holds(format!("GET {path} is empty"), listed["data"].as_array().is_some_and(Vec::is_empty))?;
    }
    let staff = owner.get("/staff").await?.expect(200, "her staff")?;
    teller.holds("on her staff is only herself", staff["data"].as_array().is_some_and(|all| all.len() == 1))
}

fn nowhere(id: &str) -> String {
    let turned = id.chars().rev().take(1).map(|last| if last == '0' { '1' } else { '0' });
    let (start, _) = id.split_at(id.len() - 1);
    start.chars().chain(turned).collect()
}
