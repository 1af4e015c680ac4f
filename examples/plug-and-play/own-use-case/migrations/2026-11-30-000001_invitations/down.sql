DROP TABLE lagoon.invitations;
DROP SCHEMA lagoon;
