//! The ports of second factors, implemented with vectors.

use super::{Memory, store::missing};
use crate::{
    Factor, FactorPolicies, FactorPolicy, FactorRules, FactorSubject, Factors, LoginChallenge,
    LoginChallenges, RecoveryCodes, TokenHash,
};
use chrono::{DateTime, Utc};
use tryzore_kernel::{FactorId, OrganizationId, RoleId, StoreResult, TenantId, UserId};

impl Factors for Memory {
    async fn factor_list(&mut self, user: UserId) -> StoreResult<Vec<Factor>> {
        Ok(self.factors.iter().filter(|factor| factor.user == user).cloned().collect())
    }
    async fn factor_insert(&mut self, factor: &Factor) -> StoreResult<()> {
        self.factors.retain(|other| other.user != factor.user || other.is_confirmed());
        self.factors.push(factor.clone());
        Ok(())
    }
    async fn factor_update(&mut self, factor: &Factor) -> StoreResult<()> {
        let row = self.factors.iter_mut().find(|row| row.id == factor.id);
        row.map(|row| *row = factor.clone()).ok_or_else(missing)
    }
    async fn factor_delete(&mut self, id: FactorId) -> StoreResult<()> {
        self.factors.retain(|factor| factor.id != id);
        Ok(())
    }
}

impl RecoveryCodes for Memory {
    async fn recovery_codes_replace(
        &mut self,
        user: UserId,
        codes: &[TokenHash],
        _: DateTime<Utc>,
    ) -> StoreResult<()> {
        self.recovery_codes.retain(|(of, ..)| *of != user);
        self.recovery_codes.extend(codes.iter().map(|code| (user, *code, false)));
        Ok(())
    }
    async fn recovery_code_use(
        &mut self,
        user: UserId,
        code: &TokenHash,
        _: DateTime<Utc>,
    ) -> StoreResult<bool> {
        let is_it = |(of, hash, used): &&mut (UserId, TokenHash, bool)| *of == user && hash == code && !*used;
        let found = self.recovery_codes.iter_mut().find(is_it);
        Ok(found.map(|(.., used)| *used = true).is_some())
    }
    async fn recovery_codes_left(&mut self, user: UserId) -> StoreResult<i64> {
        let left = self.recovery_codes.iter().filter(|(of, _, used)| *of == user && !used).count();
        Ok(i64::try_from(left).unwrap())
    }
}

impl LoginChallenges for Memory {
    async fn challenge_insert(&mut self, challenge: &LoginChallenge) -> StoreResult<()> {
        self.challenges.push(challenge.clone());
        Ok(())
    }
    async fn challenge_find(&mut self, hash: &TokenHash) -> StoreResult<Option<LoginChallenge>> {
        Ok(self.challenges.iter().find(|challenge| challenge.hash == *hash).cloned())
    }
    async fn challenge_update(&mut self, challenge: &LoginChallenge) -> StoreResult<()> {
        let row = self.challenges.iter_mut().find(|row| row.hash == challenge.hash);
        row.map(|row| *row = challenge.clone()).ok_or_else(missing)
    }
}

impl FactorRules for Memory {
    async fn factor_rules_find(
        &mut self,
        _: TenantId,
        _: UserId,
    ) -> StoreResult<Option<(FactorPolicy, FactorSubject)>> {
        Ok(self.policy.clone())
    }
}

impl FactorPolicies for Memory {
    async fn factor_policy_find(&mut self) -> StoreResult<FactorPolicy> {
        Ok(self.policy.clone().unwrap_or_default().0)
    }
    async fn factor_policy_lock(&mut self) -> StoreResult<FactorPolicy> {
        self.factor_policy_find().await
    }
    async fn factor_policy_save(&mut self, policy: &FactorPolicy) -> StoreResult<()> {
        self.policy = Some((policy.clone(), FactorSubject::default()));
        Ok(())
    }
    async fn factor_policy_roles(&mut self, ids: &[RoleId]) -> StoreResult<Vec<RoleId>> {
        Ok(self.roles.iter().copied().filter(|role| ids.contains(role)).collect())
    }
    async fn factor_policy_locations(&mut self) -> StoreResult<Vec<OrganizationId>> {
        Ok(self.locations.clone())
    }
}
