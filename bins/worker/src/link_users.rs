//! `tryzore-worker link-users --to workos|password [--dry-run]`: what has to be done once when an installation
//! changes its identity provider. It may be repeated, and stopped at any time.

use anyhow::{Context, bail};
use std::collections::BTreeMap;
use tryzore_auth::link_users::{UserLinks, Verdict, judge};
use tryzore_auth_postgres::Auth;
use tryzore_postgres::Db;
use tryzore_provider_workos::WorkOs;
use tryzore_rbac::SystemActor;

/// How many links are ended in one transaction.
const BATCH: i64 = 1_000;

/// What the command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Whether WorkOS becomes the provider; otherwise passwords are stored here.
    pub to_workos: bool,
    /// Whether only to say what would be done.
    pub is_dry_run: bool,
}

impl Request {
    /// Reads the words after `link-users`.
    ///
    /// # Errors
    /// When they are others.
    pub fn read(words: &[String]) -> anyhow::Result<Self> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (to, is_dry_run) = match words.as_slice() {
            ["--to", to] => (*to, false),
            ["--to", to, "--dry-run"] | ["--dry-run", "--to", to] => (*to, true),
            _ => bail!("usage: tryzore-worker link-users --to workos|password [--dry-run]"),
        };
        match to {
            "workos" => Ok(Self { to_workos: true, is_dry_run }),
            "password" => Ok(Self { to_workos: false, is_dry_run }),
            other => bail!("--to {other}: expected `workos` or `password`"),
        }
    }
}

/// Links users to those of `provider` that have the same verified address; returns what to print.
///
/// # Errors
/// When WorkOS or the database fails. What was linked until then stays linked.
pub async fn to_workos(db: &Db, provider: &WorkOs, is_dry_run: bool) -> anyhow::Result<Vec<String>> {
    let (mut counts, mut left_over, mut after) = (BTreeMap::<&str, usize>::new(), Vec::new(), None);
    loop {
        let page = provider.users_read(after).await.context("the users of WorkOS")?;
        let emails: Vec<_> = page.users.iter().filter_map(|user| user.email.clone()).collect();
        let subjects: Vec<_> = page.users.iter().map(|user| user.subject.clone()).collect();
        let found =
            db.platform_tx(SystemActor::SignIn, async |tx| tx.auth().accounts_find(&emails, &subjects).await);
        let ours = found.await?;
        let mut links = Vec::new();
        for theirs in &page.users {
            let verdict = judge(theirs, &ours);
            if let Verdict::Link(user) = verdict {
                links.push((user, theirs.subject.clone()));
                continue;
            }
            let why = told(&verdict);
            *counts.entry(why).or_default() += 1;
            if verdict != Verdict::Linked {
                left_over.push(format!("{}  {why}", theirs.subject));
            }
        }
        let linked = if is_dry_run || links.is_empty() {
            links.len()
        } else {
            db.platform_tx(SystemActor::SignIn, async |tx| tx.auth().users_link(&links).await).await?
        };
        *counts.entry("linked now").or_default() += linked;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let unlinked = db.platform_tx(SystemActor::SignIn, async |tx| tx.auth().users_unlinked_count().await);
    let unlinked = unlinked.await?;
    let mut lines = left_over;
    lines.extend(counts.into_iter().map(|(what, count)| format!("{count}  {what}")));
    lines.push(format!("{unlinked}  active here and not linked"));
    Ok(lines)
}

/// Ends all links to users of WorkOS; returns what to print.
///
/// # Errors
/// When the database fails. What was done until then stays done.
pub async fn to_password(db: &Db, is_dry_run: bool) -> anyhow::Result<Vec<String>> {
    let count = db.platform_tx(SystemActor::SignIn, async |tx| tx.auth().users_linked_count().await);
    let (with, without) = count.await?;
    let mut ended = 0;
    if !is_dry_run {
        loop {
            let unlink = db.platform_tx(SystemActor::SignIn, async |tx| tx.auth().users_unlink(BATCH).await);
            let done = unlink.await?;
            if done == 0 {
                break;
            }
            ended += done;
        }
    }
    Ok(vec![
        format!("{with}  active, linked, with a password here"),
        format!("{without}  active, linked, without a password here: they choose one by \"forgot password\""),
        format!("{ended}  links ended now"),
    ])
}

const fn told(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Link(_) | Verdict::Linked => "linked already",
        Verdict::UnverifiedThere => "the address is not verified at WorkOS",
        Verdict::UnverifiedHere => "the address is not verified here",
        Verdict::Unknown => "nobody here has the address",
        Verdict::OtherIdentity => "the address belongs to another user of WorkOS",
        Verdict::Deactivated => "deactivated here",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_command_are_read() {
        let read =
            |text: &str| Request::read(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).ok();
        let request = |to_workos, is_dry_run| Some(Request { to_workos, is_dry_run });
        assert_eq!(read("--to workos"), request(true, false));
        assert_eq!(read("--to password --dry-run"), request(false, true));
        assert_eq!(read("--dry-run --to workos"), request(true, true));
        for wrong in ["", "--to", "--to other", "workos", "--to workos --dry", "--to workos --dry-run again"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
