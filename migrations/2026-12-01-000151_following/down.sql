REVOKE SELECT (user_id) ON identity.credentials FROM tryzore_work;
REVOKE INSERT (id, provider, external_id, event_type, headers, raw_payload, received_at)
    ON webhooks.deliveries FROM tryzore_work;
DROP TABLE webhooks.cursors;
