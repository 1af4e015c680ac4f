DROP VIEW platform.operator_names;
DROP TABLE platform.first_answers;
DROP TABLE platform.operators;
DROP SCHEMA platform;
