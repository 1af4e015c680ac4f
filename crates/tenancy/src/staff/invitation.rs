//! An offer to join the staff (ONB-09).

use super::Invitee;
use crate::{FieldErrors, TokenHash};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use tryzore_kernel::form::{FormCheck, line};
use tryzore_kernel::{Denial, Email, InvitationId, OrganizationId, Phone, RoleId, UserId};
use tryzore_rbac::{PermissionSet, Slug, manage::RoleScope};

/// The time during which an invitation can be accepted after it was last sent.
pub const INVITATION_LIFE: Duration = Duration::days(7);

/// The state of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// The invitation can be accepted until it expires.
    Pending,
    /// The invitation was accepted.
    Accepted {
        /// The user who accepted.
        by: UserId,
        /// When they accepted.
        at: DateTime<Utc>,
    },
    /// The invitation was revoked.
    Revoked {
        /// When it was revoked.
        at: DateTime<Utc>,
    },
}

/// An offer to join the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The id of the invitation.
    pub id: InvitationId,
    /// The address that the mail goes to.
    pub email: Email,
    /// The name of the invited person.
    pub name: String,
    /// The phone number of the invited person.
    pub phone: Option<Phone>,
    /// The offered role.
    pub role: RoleId,
    /// The offered locations: 1 to 50, the primary one first.
    pub organizations: Vec<OrganizationId>,
    /// The permissions of the role, as the inviter reviewed them.
    pub reviewed: PermissionSet,
    /// The scope of the role when the inviter offered it.
    pub reviewed_scope: RoleScope,
    /// The hash of the newest link token; `None` until a mail was sent.
    pub token: Option<TokenHash>,
    /// The state of the invitation.
    pub state: InvitationState,
    /// How often the invitation was sent.
    pub sent_count: i32,
    /// When the invitation expires.
    pub expires_at: DateTime<Utc>,
    /// The inviter; `None` for a part of the product.
    pub invited_by: Option<UserId>,
    /// The version, which grows with each change.
    pub version: i32,
    /// When the invitation was created.
    pub created_at: DateTime<Utc>,
}

impl Invitation {
    /// Creates an invitation to a role of scope `scope`, sent at `now`.
    #[must_use]
    pub fn new(
        draft: InvitationDraft,
        scope: RoleScope,
        invited_by: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: InvitationId::generate(now),
            email: draft.email,
            name: draft.name,
            phone: draft.phone,
            role: draft.role,
            organizations: draft.organizations,
            reviewed: draft.reviewed,
            reviewed_scope: scope,
            token: None,
            state: InvitationState::Pending,
            sent_count: 1,
            expires_at: now + INVITATION_LIFE,
            invited_by,
            version: 1,
            created_at: now,
        }
    }

    /// The primary location of the invited person.
    #[must_use]
    pub fn primary(&self) -> Option<OrganizationId> {
        self.organizations.first().copied()
    }

    /// The invitation, sent again: it is valid for seven more days, and its previous link is no longer
    /// valid. An expired invitation can be sent again.
    ///
    /// # Errors
    /// `staff.invitation.accepted`, `staff.invitation.revoked`.
    pub fn resend(&self, by: Option<UserId>, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.check_pending()?;
        Ok(Self {
            // Whoever sends it again grants the role from then on.
            invited_by: by.or(self.invited_by),
            token: None,
            sent_count: self.sent_count + 1,
            expires_at: now + INVITATION_LIFE,
            ..self.next()
        })
    }

    /// The invitation, revoked.
    ///
    /// # Errors
    /// `staff.invitation.accepted`, `staff.invitation.revoked`.
    pub fn revoke(&self, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.check_pending()?;
        Ok(Self { token: None, state: InvitationState::Revoked { at: now }, ..self.next() })
    }

    /// The invitation without `organization`, which has closed; revoked when no other location is left.
    ///
    /// # Errors
    /// `staff.invitation.accepted`, `staff.invitation.revoked`.
    pub fn without(&self, organization: OrganizationId, now: DateTime<Utc>) -> Result<Self, Denial> {
        let left: Vec<_> = self.organizations.iter().copied().filter(|at| *at != organization).collect();
        if left.is_empty() {
            return self.revoke(now);
        }
        self.check_pending()?;
        Ok(Self { organizations: left, ..self.next() })
    }

    /// The invitation with the hash of a new link token.
    ///
    /// # Errors
    /// `staff.invitation.accepted`, `staff.invitation.revoked`, `staff.invitation.expired`.
    pub fn link(&self, token: TokenHash, now: DateTime<Utc>) -> Result<Self, Denial> {
        self.check_pending()?;
        self.check_time(now)?;
        Ok(Self { token: Some(token), ..self.next() })
    }

    /// Accepts the invitation for the `invitee`, who reads the mail of its address. Returns the user and
    /// the changed invitation; `None` instead of an invitation when the same user accepted it before.
    ///
    /// # Errors
    /// `staff.accept.account_closed` first, because no other remedy would help; `staff.invitation.*`;
    /// `staff.accept.unclaimed` when nobody has verified the address yet.
    pub fn accept(&self, invitee: Invitee, now: DateTime<Utc>) -> Result<(UserId, Option<Self>), Denial> {
        let user = invitee.user()?;
        if let InvitationState::Accepted { by, .. } = self.state
            && user == Some(by)
        {
            return Ok((by, None));
        }
        self.check_pending()?;
        self.check_time(now)?;
        let by = user.ok_or_else(|| {
            Denial::state("staff.accept.unclaimed")
                .because("user.claimed", false)
                .remedy("Choose a password first: the invitation's mail leads there.", Some("verify_email"))
        })?;
        Ok((by, Some(Self { state: InvitationState::Accepted { by, at: now }, ..self.next() })))
    }

    /// The state at `now`, as the API names it.
    #[must_use]
    pub fn state_text(&self, now: DateTime<Utc>) -> &'static str {
        match self.state {
            InvitationState::Pending if now < self.expires_at => "pending",
            InvitationState::Pending => "expired",
            InvitationState::Accepted { .. } => "accepted",
            InvitationState::Revoked { .. } => "revoked",
        }
    }

    fn check_pending(&self) -> Result<(), Denial> {
        let (code, at) = match self.state {
            InvitationState::Pending => return Ok(()),
            InvitationState::Accepted { at, .. } => ("staff.invitation.accepted", at),
            InvitationState::Revoked { at } => ("staff.invitation.revoked", at),
        };
        Err(Denial::state(code)
            .because("invitation.status_at", at)
            .remedy("Ask for a new invitation.", Some("invite_employee")))
    }

    fn check_time(&self, now: DateTime<Utc>) -> Result<(), Denial> {
        if now < self.expires_at {
            return Ok(());
        }
        Err(Denial::state("staff.invitation.expired")
            .because("invitation.expires_at", self.expires_at)
            .because("now", now)
            .remedy("Ask for the invitation to be sent again.", Some("resend_invitation")))
    }

    fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }
}

/// An invitation as a caller sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitationForm {
    /// The name of the invited person: 1 to 255 characters.
    pub name: String,
    /// The address that the mail goes to.
    pub email: String,
    /// A phone number in E.164 form.
    #[serde(default)]
    pub phone: Option<String>,
    /// The offered role.
    pub role: RoleId,
    /// The primary location.
    pub primary_organization: OrganizationId,
    /// Up to 49 further locations.
    #[serde(default)]
    pub other_organizations: Vec<OrganizationId>,
    /// The permissions of the role, as the inviter reviewed them: all slugs, no wildcard.
    pub reviewed_permissions: Vec<String>,
}

/// An invitation that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in `Invitation`")]
pub struct InvitationDraft {
    pub name: String,
    pub email: Email,
    pub phone: Option<Phone>,
    pub role: RoleId,
    pub organizations: Vec<OrganizationId>,
    pub reviewed: PermissionSet,
}

impl InvitationForm {
    /// The maximum number of locations of one invitation.
    pub const ORGANIZATIONS_MAX: usize = 50;

    /// Checks every field.
    ///
    /// # Errors
    /// Every field that is not valid.
    pub fn check(self) -> Result<InvitationDraft, FieldErrors> {
        let mut check = FormCheck::default();
        let name = check.take("/name", line(&self.name, 1, 255));
        let email = check.take("/email", self.email.parse::<Email>().map_err(|error| error.to_string()));
        let phone = self.phone.as_deref().map(str::parse::<Phone>).transpose();
        let phone = check.take("/phone", phone.map_err(|error| error.to_string()));
        let mut organizations = vec![self.primary_organization];
        for other in self.other_organizations {
            if !organizations.contains(&other) {
                organizations.push(other);
            }
        }
        if organizations.len() > Self::ORGANIZATIONS_MAX {
            let detail = format!("expected at most {} locations in all", Self::ORGANIZATIONS_MAX);
            check.add("/other_organization_ids", detail);
        }
        let mut reviewed = PermissionSet::EMPTY;
        for (index, text) in self.reviewed_permissions.iter().enumerate() {
            match Slug::find(text).filter(|slug| slug.is_assignable()) {
                Some(slug) => reviewed = reviewed.with(slug),
                None => check.add(format_args!("/reviewed_permissions/{index}"), "expected a permission"),
            }
        }
        let draft = (|| {
            Some(InvitationDraft {
                name: name?,
                email: email?,
                phone: phone?,
                role: self.role,
                organizations,
                reviewed,
            })
        })();
        check.finish(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;

    fn form() -> InvitationForm {
        InvitationForm {
            name: "Ada".into(),
            email: "Ada@example.com".into(),
            phone: None,
            role: RoleId::generate(NOW),
            primary_organization: OrganizationId::generate(NOW),
            other_organizations: vec![],
            reviewed_permissions: vec!["events.view_own".into()],
        }
    }

    fn ada() -> Invitee {
        Invitee::Active(UserId::generate(NOW))
    }

    fn invitation() -> Invitation {
        Invitation::new(form().check().unwrap(), RoleScope::Organization, None, NOW)
    }

    #[test]
    fn onb_09_an_invitation_can_be_accepted_for_seven_days_after_it_was_last_sent() {
        let (invitation, tick) = (invitation(), Duration::microseconds(1));
        let end = NOW + Duration::days(7);
        assert!(invitation.accept(ada(), end - tick).is_ok());
        assert_eq!(invitation.accept(ada(), end).unwrap_err().code, "staff.invitation.expired");
        assert_eq!((invitation.state_text(end - tick), invitation.state_text(end)), ("pending", "expired"));
        let again = invitation.resend(None, end).unwrap();
        assert!(again.accept(ada(), end + Duration::days(7) - tick).is_ok());
        assert!(again.accept(ada(), end + Duration::days(7)).is_err());
        assert_eq!((again.sent_count, again.token), (2, None));
    }

    #[test]
    fn onb_09_closing_a_location_removes_it_from_the_invitation_or_revokes_the_invitation() {
        let other = OrganizationId::generate(NOW);
        let both = InvitationForm { other_organizations: vec![other], ..form() };
        let primary = both.primary_organization;
        let both = Invitation::new(both.check().unwrap(), RoleScope::Organization, None, NOW);
        let left = both.without(primary, NOW).unwrap();
        assert_eq!(
            (left.organizations.as_slice(), left.state),
            ([other].as_slice(), InvitationState::Pending)
        );
        let ended = left.without(other, NOW).unwrap();
        assert_eq!((ended.state, ended.token), (InvitationState::Revoked { at: NOW }, None));
        assert_eq!(ended.without(other, NOW).unwrap_err().code, "staff.invitation.revoked");
    }

    #[test]
    fn onb_09_accepting_needs_a_password_and_is_idempotent() {
        let (invitation, ada) = (invitation(), ada());
        let early = invitation.accept(Invitee::Unclaimed, NOW).unwrap_err();
        assert_eq!(early.code, "staff.accept.unclaimed");
        assert_eq!(early.remedy.unwrap().action.as_deref(), Some("verify_email"));
        let (by, accepted) = invitation.accept(ada, NOW).unwrap();
        assert_eq!(Invitee::Active(by), ada);
        let accepted = accepted.unwrap();
        assert_eq!(accepted.accept(ada, NOW + INVITATION_LIFE), Ok((by, None)), "also when its time is over");
        for other in [Invitee::Unclaimed, Invitee::Active(UserId::generate(NOW))] {
            assert_eq!(accepted.accept(other, NOW).unwrap_err().code, "staff.invitation.accepted");
        }
        assert_eq!(accepted.resend(None, NOW).unwrap_err().code, "staff.invitation.accepted");
        let revoked = invitation.revoke(NOW).unwrap();
        assert_eq!(revoked.accept(ada, NOW).unwrap_err().code, "staff.invitation.revoked");
        assert_eq!(revoked.link(TokenHash::from([0; 32]), NOW).unwrap_err().code, "staff.invitation.revoked");
    }

    #[test]
    fn onb_09_a_person_with_a_closed_account_is_refused_for_that_reason() {
        let (invitation, closed) = (invitation(), Invitee::Closed { at: NOW - Duration::days(1) });
        let accepted = invitation.accept(ada(), NOW).unwrap().1.unwrap();
        for (invitation, now) in [(&invitation, NOW), (&invitation, NOW + INVITATION_LIFE), (&accepted, NOW)]
        {
            let denial = invitation.accept(closed, now).unwrap_err();
            assert_eq!(denial.code, "staff.accept.account_closed");
            assert_eq!(denial.because[0].value, "deactivated");
            assert!(denial.remedy.unwrap().text.contains("opened again"));
        }
    }

    #[test]
    fn onb_09_a_form_names_at_most_fifty_locations_and_real_permissions() {
        let pointers = |form: InvitationForm| -> Vec<String> {
            form.check()
                .err()
                .map_or_else(Vec::new, |errors| errors.pointers().into_iter().map(str::to_owned).collect())
        };
        let others = |count: usize| InvitationForm {
            other_organizations: (0..count).map(|_| OrganizationId::generate(NOW)).collect(),
            ..form()
        };
        assert_eq!(pointers(others(49)), [""; 0]);
        assert_eq!(pointers(others(50)), ["/other_organization_ids"]);
        let wrong = InvitationForm {
            name: " ".into(),
            email: "ada".into(),
            phone: Some("06".into()),
            reviewed_permissions: vec!["events.*".into(), "own.book".into()],
            ..form()
        };
        let expected = ["/name", "/email", "/phone", "/reviewed_permissions/0", "/reviewed_permissions/1"];
        assert_eq!(pointers(wrong), expected);
    }
}
