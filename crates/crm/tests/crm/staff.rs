//! Adding, changing and archiving clients by hand (MEM-10, TEN-05, AUT-10).

use crate::support::{Memory, client_permit, now, organization, permit, staff_of, today};
use futures::executor::block_on;
use tryzore_crm::{
    AddedClient, Client, ClientChange, ClientForm, ClientPatch, Country, OwnPatch, UseCaseError, add_client,
    archive_client, edit_client, edit_own, get_client, get_own, restore_client,
};
use tryzore_kernel::{OrganizationId, Problem};

fn add(tx: &mut Memory, json: &str) -> Result<AddedClient, UseCaseError> {
    let form: ClientForm = serde_json::from_str(json).unwrap();
    let draft = form.check(Country::ITALY, today()).unwrap();
    block_on(add_client(&permit(), tx, organization(), draft, today(), now()))
}

fn edit(tx: &mut Memory, client: &Client, json: &str) -> Result<Client, UseCaseError> {
    let patch: ClientPatch = serde_json::from_str(json).unwrap();
    let change = patch.check(Country::ITALY, today()).unwrap();
    block_on(edit_client(&permit(), tx, client.id, client.version, change, now()))
}

const ADA: &str =
    r#"{"given_name":"Ada","family_name":"Rossi","email":"ada@example.com","phone":"333 1234567"}"#;

#[test]
fn a_client_is_a_user_as_customer_of_one_tenant() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    assert_eq!((ada.version, ada.joined_on, ada.home_organization), (1, today(), organization()));
    assert_eq!(tx.users[0].0, ada.user);
    // TEN-05: in another tenant the same address is the same human.
    let mut elsewhere = Memory { users: tx.users.clone(), ..Memory::default() };
    assert_eq!(add(&mut elsewhere, ADA).unwrap().client.user, ada.user);
    assert_eq!(tx.events_of("crm.client_added"), 1);
    let written = format!("{:?}{:?}", tx.events, tx.audit);
    assert!(!written.contains("ada@") && !written.contains("Rossi"), "no personal data: {written}");
}

#[test]
fn one_address_is_one_client_and_the_denial_names_it() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    let again = add(&mut tx, r#"{"given_name":"A.","email":"ADA@example.com"}"#).unwrap_err();
    let problem = Problem::from(again);
    let denial = problem.denial.unwrap();
    assert_eq!((problem.status, denial.code.as_ref()), (409, "crm.add.duplicate"));
    assert_eq!(denial.because[0].value, serde_json::json!(ada.id));
    assert!(denial.remedy.unwrap().text.contains("Ada Rossi"));
    assert_eq!((tx.clients.len(), tx.decisions.len()), (1, 1));
}

#[test]
fn one_number_may_be_a_family_and_is_only_reported() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    let ugo = add(&mut tx, r#"{"given_name":"Ugo","phone":"+39 333 123 4567"}"#).unwrap();
    assert_eq!(ugo.possible_duplicates, [ada.id]);
    assert_ne!(ugo.client.user, ada.user, "a number alone finds no user");
}

#[test]
fn a_user_who_is_a_client_under_another_address_is_not_added_twice() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    edit(&mut tx, &ada, r#"{"email":"ada.new@example.com"}"#).unwrap();
    let again = add(&mut tx, ADA).unwrap_err();
    assert!(matches!(again, UseCaseError::Denied(denial) if denial.code == "crm.add.duplicate"));
    assert_eq!(tx.clients.len(), 1);
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    let after = edit(&mut tx, &ada, r#"{"phone":null,"locale":"it"}"#).unwrap();
    assert_eq!((after.version, after.contact.phone(), after.user), (2, None, ada.user));
    assert!(matches!(edit(&mut tx, &ada, r#"{"given_name":"X"}"#), Err(UseCaseError::Stale)));
    assert_eq!(
        edit(&mut tx, &after, r#"{"locale":"IT"}"#).unwrap().version,
        2,
        "the same again is no change"
    );
    assert_eq!(tx.events_of("crm.client_edited"), 1);
    assert!(
        matches!(edit(&mut tx, &after, r#"{"email":null}"#), Err(UseCaseError::Invalid(errors)) if errors.pointers() == ["/email"])
    );
}

#[test]
fn a_change_can_not_take_the_address_of_another_client() {
    let mut tx = Memory::default();
    add(&mut tx, ADA).unwrap();
    let ugo = add(&mut tx, r#"{"given_name":"Ugo","email":"ugo@example.com"}"#).unwrap().client;
    let taken = edit(&mut tx, &ugo, r#"{"email":"Ada@example.com"}"#).unwrap_err();
    assert!(matches!(taken, UseCaseError::Denied(denial) if denial.code == "crm.edit.duplicate"));
    assert!(edit(&mut tx, &ugo, r#"{"email":"UGO@example.com"}"#).is_ok(), "one's own address is free");
}

#[test]
fn an_archived_client_is_seen_and_not_changed_until_restored() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    let archived = block_on(archive_client(&permit(), &mut tx, ada.id, 1, now())).unwrap();
    assert!(block_on(get_client(&permit(), &mut tx, ada.id)).unwrap().client.is_archived());
    let refused = edit(&mut tx, &archived, r#"{"given_name":"X"}"#).unwrap_err();
    assert!(matches!(refused, UseCaseError::Denied(denial) if denial.code == "crm.edit.archived"));
    assert_eq!(block_on(archive_client(&permit(), &mut tx, ada.id, 2, now())).unwrap(), archived);
    assert!(matches!(
        block_on(restore_client(&permit(), &mut tx, ada.id, 1, now())),
        Err(UseCaseError::Stale)
    ));
    assert_eq!(block_on(restore_client(&permit(), &mut tx, ada.id, 2, now())).unwrap().version, 3);
    assert_eq!((tx.events_of("crm.client_archived"), tx.events_of("crm.client_restored")), (1, 1));
}

#[test]
fn who_works_elsewhere_sees_no_client_and_adds_none_here() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    let elsewhere = OrganizationId::from(uuid::Uuid::from_u128(2));
    let draft = || {
        let form: ClientForm = serde_json::from_str(ADA).unwrap();
        form.check(Country::ITALY, today()).unwrap()
    };
    let here =
        |tx: &mut Memory, at| block_on(add_client(&staff_of(elsewhere), tx, at, draft(), today(), now()));
    assert!(matches!(here(&mut tx, organization()), Err(UseCaseError::NotFound("organization"))));
    // The address is taken, and whose it is stays with those who may see it.
    let Err(UseCaseError::Denied(denial)) = here(&mut tx, elsewhere) else { panic!() };
    assert_eq!((denial.code.as_ref(), denial.because.len()), ("crm.add.duplicate", 0));
    assert!(!format!("{denial:?}").contains("Rossi"));
    let change = ClientChange::default();
    let edited = block_on(edit_client(&staff_of(elsewhere), &mut tx, ada.id, 1, change, now()));
    assert!(matches!(edited, Err(UseCaseError::NotFound("client"))));
    let seen = block_on(get_client(&staff_of(elsewhere), &mut tx, ada.id));
    assert!(matches!(seen, Err(UseCaseError::NotFound("client"))));
    let seen = block_on(get_client(&staff_of(organization()), &mut tx, ada.id));
    assert!(seen.unwrap().in_full);
}

#[test]
fn mem_10_clients_put_right_what_is_kept_of_them_and_no_more() {
    let mut tx = Memory::default();
    let ada = add(&mut tx, ADA).unwrap().client;
    let own = |json: &str| {
        let patch: OwnPatch = serde_json::from_str(json).unwrap();
        patch.check(Country::ITALY, today()).unwrap()
    };
    let me = client_permit(ada.user);
    assert_eq!(block_on(get_own(&me, &mut tx)).unwrap(), ada);
    let change = own(r#"{"family_name":"Bianchi","phone":null}"#);
    let after = block_on(edit_own(&me, &mut tx, Some(1), change.clone(), now())).unwrap();
    assert_eq!((after.name.to_string().as_str(), after.version), ("Ada Bianchi", 2));
    assert!(matches!(block_on(edit_own(&me, &mut tx, Some(1), change, now())), Err(UseCaseError::Stale)));
    for not_theirs in ["email", "home_organization", "joined_on", "external_ref"] {
        let json = format!(r#"{{"{not_theirs}": null}}"#);
        assert!(serde_json::from_str::<OwnPatch>(&json).is_err(), "{not_theirs}");
    }
    let stranger = client_permit(tryzore_kernel::UserId::generate(now()));
    assert!(matches!(block_on(get_own(&stranger, &mut tx)), Err(UseCaseError::NotFound("client"))));
}
