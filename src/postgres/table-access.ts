import type { ExistingTable, TargetState } from "./table-catalog.ts";
import type { TableProblem } from "./table-checks.ts";

/** What the user lacks to write bars into the table, or to make it, with the statements that grant it. */
export function accessProblems(state: TargetState): TableProblem[] {
  const { table } = state;
  return [
    ...stagingProblems(state),
    ...schemaProblems(state),
    ...(table === null ? [] : [...tableProblems(state, table), ...rowSecurityProblems(state, table)]),
  ];
}

function stagingProblems({ user, database, mayStage }: TargetState): TableProblem[] {
  if (mayStage) return [];
  return [
    {
      problem: `the user ${user} may not create temporary tables, in which bars arrive`,
      fix: `GRANT TEMPORARY ON DATABASE ${database} TO ${user};`,
    },
  ];
}

function schemaProblems(state: TargetState): TableProblem[] {
  const { user, schema, table } = state;
  if (!state.hasSchema) {
    const fix = `CREATE SCHEMA ${schema} AUTHORIZATION ${user};`;
    return [{ problem: `there is no schema ${schema}`, fix }];
  }
  const lacking: string[] = [];
  if (!state.mayUseSchema) lacking.push("USAGE");
  if (table === null && !state.mayCreateInSchema) lacking.push("CREATE");
  if (lacking.length === 0) return [];
  const purpose = table === null ? "there is no such table, and " : "";
  const rights = lacking.join(", ");
  return [
    {
      problem: `${purpose}the user ${user} lacks ${rights} on the schema ${schema}`,
      fix: `GRANT ${rights} ON SCHEMA ${schema} TO ${user};`,
    },
  ];
}

function tableProblems({ user, name }: TargetState, table: ExistingTable): TableProblem[] {
  const problems: TableProblem[] = [];
  if (table.deniedActions.length > 0) {
    const rights = table.deniedActions.join(", ");
    problems.push({
      problem: `the user ${user} lacks ${rights} on it, which its owner ${table.owner} can grant`,
      fix: `GRANT ${rights} ON ${name} TO ${user};`,
    });
  }
  for (const sequence of table.deniedSequences) {
    problems.push({
      problem: `the user ${user} lacks USAGE on the sequence ${sequence}, which fills one of its columns`,
      fix: `GRANT USAGE ON SEQUENCE ${sequence} TO ${user};`,
    });
  }
  return problems;
}

/**
 * Under row-level security the server hides rows from the upsert and refuses COPY. The fix leaves it in force
 * for everybody else: behind a hosted REST API it may be all that keeps strangers out.
 */
function rowSecurityProblems({ user, name }: TargetState, table: ExistingTable): TableProblem[] {
  if (!table.isRowSecurityActive) return [];
  const fix = table.isOwner
    ? `ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY;`
    : `ALTER ROLE ${user} BYPASSRLS;`;
  return [
    { problem: `its row-level security binds the user ${user}: rows are hidden and COPY is refused`, fix },
  ];
}
