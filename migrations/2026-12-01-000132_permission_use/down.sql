DROP TABLE rbac.permission_use;
