/** The example of docs/library.md: its body stands there word for word, and is run by readme.test.ts. */
import { CentralError, type SophosCentral } from '../../src/index.ts';

export async function example(central: SophosCentral): Promise<void> {
  for await (const tenant of central.tenants) {
    try {
      for await (const event of central.siem.events(tenant, { since: Date.now() - 6 * 3_600_000 })) {
        if (event.severity === 'high') console.log(tenant.name, event.created_at, event.type, event.name);
      }
    } catch (error) {
      // One forbidden tenant is no reason to leave out the others.
      if (!(error instanceof CentralError) || error.status !== 403) throw error;
      console.error(tenant.name, error.message, error.correlationId);
    }
  }
}
