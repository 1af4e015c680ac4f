DROP TABLE webhooks.deliveries;
DROP SCHEMA webhooks;
