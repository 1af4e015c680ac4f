-- The group roles stay: they belong to the cluster, and other databases of it may use them.
DROP PROCEDURE runtime.protect;
DROP SCHEMA runtime;
