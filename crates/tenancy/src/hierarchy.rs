//! The trees that locations form: a region above its locations, a brand above its regions.

use std::collections::BTreeMap;
use tryzore_kernel::{Denial, OrganizationId};
use tryzore_rbac::{OrganizationNode, holding::is_below};

/// How many levels a tree of locations may have: brand, country, region, city, location.
pub const LEVELS_MAX: usize = 5;

/// Checks that `organization` (`None` for a new location) may be placed under `parent` in `tree`, the open
/// locations of the tenant.
///
/// # Errors
/// `organizations.parent.cycle`, `organizations.parent.too_deep`.
pub fn check_parent(
    tree: &[OrganizationNode],
    organization: Option<OrganizationId>,
    parent: Option<OrganizationId>,
) -> Result<(), Denial> {
    let Some(parent) = parent else { return Ok(()) };
    if organization.is_some_and(|organization| is_below(tree, parent, organization)) {
        return Err(Denial::state("organizations.parent.cycle")
            .because("organization", organization)
            .because("parent", parent)
            .remedy("Choose a location that is not this one and not below it.", None));
    }
    let levels = level(tree, parent) + organization.map_or(1, |organization| height(tree, organization));
    if levels > LEVELS_MAX {
        return Err(Denial::state("organizations.parent.too_deep")
            .because("hierarchy.levels", levels)
            .because("hierarchy.levels_max", LEVELS_MAX)
            .remedy("Choose a location further up.", None));
    }
    Ok(())
}

/// The level of `organization` in its tree: 1 for a location without a parent.
#[must_use]
pub fn level(tree: &[OrganizationNode], organization: OrganizationId) -> usize {
    let parents: BTreeMap<_, _> = tree.iter().map(|p| (p.organization, p.parent)).collect();
    let up = |at: &OrganizationId| parents.get(at).copied().flatten();
    std::iter::successors(Some(organization), up).take(tree.len() + 1).count()
}

/// The number of levels of the subtree whose root is `organization`: 1 for a location with none below it.
#[must_use]
pub fn height(tree: &[OrganizationNode], organization: OrganizationId) -> usize {
    let own = level(tree, organization);
    let below = tree.iter().filter(|node| is_below(tree, node.organization, organization));
    below.map(|node| level(tree, node.organization) + 1 - own).max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn ids(count: usize) -> Vec<OrganizationId> {
        (0..count).map(|_| OrganizationId::generate(DateTime::UNIX_EPOCH)).collect()
    }

    /// A chain of locations: each is the parent of the next.
    fn chain(ids: &[OrganizationId]) -> Vec<OrganizationNode> {
        let parents = std::iter::once(None).chain(ids.iter().copied().map(Some));
        ids.iter()
            .zip(parents)
            .map(|(organization, parent)| OrganizationNode { organization: *organization, parent })
            .collect()
    }

    #[test]
    fn ten_03_a_tree_has_at_most_five_levels() {
        let ids = ids(5);
        assert_eq!(check_parent(&chain(&ids[..4]), None, Some(ids[3])), Ok(()), "a fifth level");
        let denial = check_parent(&chain(&ids), None, Some(ids[4])).unwrap_err();
        assert_eq!(denial.code, "organizations.parent.too_deep");
        // A tree of three levels fits under the second level, but not under the third.
        let (upper, lower) = (super::tests::ids(3), super::tests::ids(3));
        let tree = [chain(&upper), chain(&lower)].concat();
        assert_eq!(check_parent(&tree, Some(lower[0]), Some(upper[1])), Ok(()));
        assert!(check_parent(&tree, Some(lower[0]), Some(upper[2])).is_err());
    }

    #[test]
    fn ten_03_a_location_is_never_its_own_ancestor() {
        let ids = ids(3);
        let tree = chain(&ids);
        for below in &ids {
            let denial = check_parent(&tree, Some(ids[0]), Some(*below)).unwrap_err();
            assert_eq!(denial.code, "organizations.parent.cycle");
        }
    }

    proptest! {
        /// Whichever moves are tried, the allowed moves leave trees of at most five levels.
        #[test]
        fn ten_03_no_sequence_of_moves_makes_a_cycle(moves in prop::collection::vec((0_usize..8, 0_usize..9), 0..60)) {
            let ids = ids(8);
            let mut tree: Vec<_> = ids.iter().map(|id| OrganizationNode { organization: *id, parent: None }).collect();
            for (child, parent) in moves {
                let parent = ids.get(parent).copied();
                if check_parent(&tree, Some(ids[child]), parent).is_ok() {
                    tree[child].parent = parent;
                }
                for node in &tree {
                    let up = |at: &OrganizationId| {
                        tree.iter().find(|p| p.organization == *at).and_then(|p| p.parent)
                    };
                    let ancestors = std::iter::successors(up(&node.organization), up).take(20).count();
                    prop_assert!(ancestors < LEVELS_MAX, "{ancestors} ancestors");
                }
            }
        }
    }
}
