DROP TABLE crm.consent_texts;
DROP TABLE crm.consents;
