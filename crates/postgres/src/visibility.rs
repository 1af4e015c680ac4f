//! Who may see what is about somebody else: one rule for the decision log and the stream, so that
//! whoever may follow a location's events may look up its refusals as well.

use tryzore_kernel::{OrganizationId, UserId};
use tryzore_rbac::{Grants, Slug};

/// Whether `grants` show an event or a decision at `organization` that is for those who hold the permission
/// `audience`. What happened at no location, has no audience, or has one that this version does not know, is
/// shown to the person concerned alone.
pub(crate) fn is_visible_to_others(
    grants: &Grants,
    audience: Option<&str>,
    organization: Option<OrganizationId>,
) -> bool {
    let permission = audience.and_then(Slug::find);
    permission.zip(organization).is_some_and(|(permission, at)| grants.reach(permission).covers(at))
}

/// Whether `grants` show an event or a decision about `subject` to that person. In an impersonation the person who
/// acts sees it too, but not what is for the person concerned alone: that has no audience, such as their sign-ins.
pub(crate) fn is_visible_to_subject(
    grants: &Grants,
    audience: Option<&str>,
    subject: Option<UserId>,
) -> bool {
    let me = grants.actor().user();
    me.is_some() && subject == me && shows_private(grants, audience.is_some())
}

/// Whether `grants` show what concerns their person and `has_audience` or not.
pub(crate) fn shows_private(grants: &Grants, has_audience: bool) -> bool {
    has_audience || !grants.actor().is_acting()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use tryzore_kernel::{SessionId, TenantId};
    use tryzore_rbac::{ActingKind, Actor, Holdings};

    #[test]
    fn aut_16_an_impersonation_does_not_show_what_is_for_the_person_alone() {
        let now = DateTime::UNIX_EPOCH;
        let (ada, bea, session) = (UserId::generate(now), UserId::generate(now), SessionId::generate(now));
        let tenant = TenantId::generate(now);
        let own = Grants::compile(Actor::User { user: bea, session }, tenant, None, &Holdings::default());
        let kind = ActingKind::Impersonation;
        let acting = Actor::Acting { user: ada, session, kind, subject: Some(bea) };
        let acting = Grants::compile_acting(acting, tenant, None, &Holdings::default(), None);
        let booked = Some("events.view_all");
        assert!(
            is_visible_to_subject(&own, booked, Some(bea)) && is_visible_to_subject(&own, None, Some(bea))
        );
        assert!(is_visible_to_subject(&acting, booked, Some(bea)));
        assert!(!is_visible_to_subject(&acting, None, Some(bea)), "such as a sign-in");
        assert!(!is_visible_to_subject(&acting, booked, Some(ada)), "the view is of the other person");
    }
}
