//! A new employee: invited by mail, they choose a password and start at their primary location (ONB-09).

use crate::{Teller, onboarding::mailed, story::explain};
use anyhow::Context;
use serde_json::{Value, json};
use xtask::caller::{Caller, text};

const PASSWORD: &str = "one more long password";

/// Runs the chapter; `owner` invites to `main`, and to one more location.
pub async fn tell(teller: &mut Teller, owner: &Caller, main: &str) -> anyhow::Result<()> {
    teller.chapter("A trainer joins the staff");
    let roles = owner.get("/roles").await?;
    // The story may run more than once on one database: the address must be new.
    let email = format!("tina.{}@example.com", roles.at.format("%Y%m%d%H%M%S"));
    let roles = roles.expect(200, "the owner looks at the roles")?;
    let trainer = roles["data"].as_array().into_iter().flatten().find(|role| role["preset"] == "trainer");
    let trainer = trainer.context("no role for trainers")?;
    let (token, proof) = invite(teller, owner, main, trainer, &email).await?;
    join(teller, &token, &proof, main).await?;

    let tina = Caller::sign_in_with(&teller.addresses().crm, &email, PASSWORD).await?;
    teller
        .holds("she signs in at her primary location", tina.session["organization"]["id"] == json!(main))?;
    let me = tina.get("/auth/me").await?.expect(200, "who she is")?;
    let held = me["permissions"].as_array().context("no permissions")?;
    let gives = trainer["permissions"].as_array().context("a role without permissions")?;
    let beyond_own = held.iter().filter(|slug| slug.as_str().is_some_and(|slug| !slug.starts_with("own.")));
    teller.holds("with a trainer's permissions, and no other", beyond_own.eq(gives))
}

async fn invite(
    teller: &mut Teller,
    owner: &Caller,
    main: &str,
    role: &Value,
    email: &str,
) -> anyhow::Result<(String, String)> {
    let places = owner.session["available"].as_array().into_iter().flatten();
    let other = places.map(|place| &place["id"]).find(|id| **id != json!(main)).context("one location")?;
    let form = json!({
        "name": "Tina Trainer", "email": email, "phone": "+390612345678", "role_id": role["id"],
        "primary_organization_id": main, "other_organization_ids": [other],
        "reviewed_permissions": role["permissions"]
    });
    let invited = owner.post("/staff/invitations", form).await?.expect(201, "the owner invites a trainer")?;
    teller.holds("an invitation is on its way", invited["invitation"]["status"] == "pending")?;
    let link = mailed(teller, email).await?;
    let (token, proof) = link.split_once("&proof=").context("the mail proves no address")?;
    teller.says("a mail comes with a link, for she has no password yet");
    Ok((token.to_owned(), proof.to_owned()))
}

async fn join(teller: &mut Teller, token: &str, proof: &str, main: &str) -> anyhow::Result<()> {
    let visitor = Caller::nobody(&teller.addresses().crm);
    let accept = async || visitor.post("/staff/invitations/accept", json!({ "token": token })).await;
    let early = accept().await?;
    teller.holds("first comes the password", early.code() == "staff.accept.unclaimed")?;
    explain(teller, &early);
    let password = json!({ "token": proof, "password": PASSWORD });
    visitor.post("/auth/verify-email", password.clone()).await?.expect(200, "a password is chosen")?;
    let again = visitor.post("/auth/verify-email", password).await?;
    teller.holds("nobody chooses another with the same link", again.code() == "auth.link.invalid")?;
    explain(teller, &again);
    let joined = accept().await?.expect(200, "she accepts")?;
    teller
        .holds("she works there, without having signed in", text(&joined, "home_organization_id")? == main)?;
    let again = accept().await?.expect(200, "she accepts again")?;
    teller.holds("accepted twice is accepted once", again == joined)
}
