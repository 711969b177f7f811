import { declareTenantOptions, type TenantOptions } from '../accounts.ts';
import type { Command } from '../command.ts';

interface Options extends TenantOptions {
  readonly allTenants?: boolean;
  readonly send?: boolean;
  readonly json?: boolean;
  readonly anonymous?: boolean;
}

/** Examines everything that the service needs. */
export const doctor: Command<Options> = {
  name: 'doctor',
  summary: 'examine configuration, credentials, rights, hosts, clock, state and sinks, with cause and cure',
  description:
    'Looks at everything that the service needs, and says of each whether it is ok; of what is not, the cause and the cure. Changes nothing and sends nothing, unless `--send` is given. Exit code 0 when nothing failed; otherwise that of the first area that did: 2 configuration or secrets, 3 refused credentials, 4 rights of tenants or sinks, 1 anything else.',
  examples: ['doctor', 'doctor --json > doctor.json', 'doctor --json --anonymous', 'doctor --all-tenants', 'doctor --tenant "Acme*" --send'],
  declare: (parser) =>
    declareTenantOptions(parser)
      .option('--all-tenants', 'try the rights to all tenants, not only the first ten of each account')
      .option('--send', 'send one marked record through each sink')
      .option('--json', 'one JSON document, for support: no secrets, but names of tenants')
      .option('--anonymous', 'with `--json`: numbers instead of names and ids of tenants'),
  async run(context, _args, { json = false, anonymous = false, ...options }) {
    const [{ diagnose }, { documentOf }, { countsOf, exitCodeFor }, { areaText, looksOf, matrixText, summaryText }] = await Promise.all([
      import('../doctor/doctor.ts'),
      import('../doctor/document.ts'),
      import('../doctor/finding.ts'),
      import('../doctor/print.ts'),
    ]);
    const looks = looksOf(context);
    const diagnosis = await diagnose(context, options, async (area, findings, rows) => {
      if (!json) await context.print(areaText(area, findings, looks) + matrixText(rows, looks));
    });
    const code = exitCodeFor(diagnosis.findings);
    if (json) await context.print(`${JSON.stringify(documentOf(diagnosis, { anonymous, code }), null, 2)}\n`);
    else await context.print(summaryText(countsOf(diagnosis.findings), looks));
    return code;
  },
};
