// Validates both contracts against OpenAPI 3.1 and our own rules for operations. Called by `cargo xtask test contracts`.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createConfig, formatProblems, getTotals, lint } from "@redocly/openapi-core";

const contracts = process.env.CONTRACTS ?? fileURLToPath(new URL("../../docs/openapi", import.meta.url));
const config = await createConfig({
  extends: ["spec"],
  rules: {
    "info-license": "error",
    "no-ambiguous-paths": "off", // `/events/cross-location` and `/events/{event}`: fixed paths go first
    "no-empty-servers": "error",
    "no-identical-paths": "error",
    "no-invalid-media-type-examples": "error",
    "no-invalid-parameter-examples": "error",
    "no-invalid-schema-examples": "error",
    "no-undefined-server-variable": "error",
    "no-unresolved-refs": "error",
    "no-unused-components": "off", // the items of pages are written out where they are used
    "operation-2xx-response": "error",
    "operation-description": "error",
    "operation-operationId": "error",
    "operation-operationId-unique": "error",
    "operation-operationId-url-safe": "error",
    "operation-parameters-unique": "error",
    "operation-summary": "error",
    "operation-tag-defined": "error",
    "path-declaration-must-exist": "error",
    "path-not-include-query": "error",
    "path-parameters-defined": "error",
    "security-defined": "off", // public operations have no security
    "tag-description": "error",
    "tags-alphabetical": "error",
  },
});

let errors = 0;
for (const service of ["app-api", "crm-api"]) {
  const problems = await lint({ ref: path.join(contracts, `${service}.json`), config });
  const totals = getTotals(problems);
  if (problems.length > 0) formatProblems(problems, { format: "codeframe", totals, version: "" });
  errors += totals.errors;
}
process.exitCode = errors === 0 ? 0 : 1;
