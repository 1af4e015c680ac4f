DROP TABLE platform.operators;
DROP SCHEMA platform;
