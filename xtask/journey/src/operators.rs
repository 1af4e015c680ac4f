//! An operator of the platform suspends a brand, its owner sees the reason, and the brand is activated again
//! (TEN-04).

use crate::Teller;
use crate::onboarding::{Newcomer, PASSWORD};
use crate::story::explain;
use serde_json::{Value, json};
use xtask::caller::{Caller, text};

const REASON: &str = "The invoice of May is not paid";

/// Runs the chapter for the tenant of `newcomer`.
pub async fn tell(teller: &mut Teller, newcomer: &Newcomer) -> anyhow::Result<()> {
    teller.chapter("The platform closes a door, and opens it again");
    let (owner, operator) =
        (&newcomer.owner, Caller::sign_in(&teller.addresses().crm, "operator@demo.com").await?);
    let refused = owner.get("/platform/tenants").await?;
    teller.holds("an owner does not operate the platform", refused.code() == "rbac.operator.required")?;
    let found = operator.get("/platform/tenants?q=neri&limit=200").await?.expect(200, "a search by name")?;
    let is_there = |list: &Value| {
        list["data"].as_array().is_some_and(|all| {
            all.iter().any(|tenant| tenant["id"] == json!(newcomer.tenant) && tenant["locations"] == 3)
        })
    };
    teller.holds("an operator finds the brand with its three locations", is_there(&found))?;
    let path = format!("/platform/tenants/{}", newcomer.tenant);
    let seen = operator.get(&path).await?.expect(200, "the operator opens it")?;
    teller.holds("and whose it is", seen["owners"][0]["email"] == json!(newcomer.email))?;
    teller.says(format!("its locations: {}", seen["location_names"]));
    let hidden = operator.get("/clients").await?;
    teller.holds("of its clients the operator sees nothing", hidden.status.as_u16() == 403)?;

    let reason = json!({ "reason": REASON });
    let suspended = operator.post_read(&format!("{path}/suspend"), &seen["version"], reason).await?;
    let suspended = suspended.expect(200, "the operator suspends it")?;
    teller.holds("it is suspended", suspended["status"] == "suspended")?;
    let closed = owner.get("/organizations").await?;
    let told = closed.body["denial"]["because"].to_string();
    teller.holds(
        "whoever was signed in gets no further, and the owner is told why",
        closed.code() == "tenants.suspended" && told.contains(REASON),
    )?;
    explain(teller, &closed);
    let form = json!({ "email": newcomer.email, "password": PASSWORD });
    let again = Caller::nobody(&teller.addresses().crm).post("/auth/login", form).await?;
    teller.holds("nor does who signs in anew", again.code() == "tenants.suspended")?;

    let reason = json!({ "reason": "Paid" });
    let open = operator.post_read(&format!("{path}/reactivate"), &suspended["version"], reason).await?;
    open.expect(200, "the operator reactivates it")?;
    let places = owner.get("/organizations").await?.expect(200, "she goes on where she was")?;
    teller.holds("everything was kept", places["data"].as_array().is_some_and(|all| all.len() == 3))?;
    let trail = owner.get("/audit?action=tenants.set_status").await?.expect(200, "her audit trail")?;
    let reasons: Vec<_> =
        trail["data"].as_array().into_iter().flatten().map(|line| &line["details"]["reason"]).collect();
    teller.holds("her audit trail says what was done and why", reasons == ["Paid", REASON])?;
    teller.says(format!("both by {}", text(&trail["data"][0]["actor"], "user_id")?));
    Ok(())
}
