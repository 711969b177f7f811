/** The examples of docs/library.md: their bodies stand there word for word, and are run by readme.test.ts and calls.test.ts. */
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

export async function scanning(central: SophosCentral): Promise<void> {
  for await (const tenant of central.tenants) {
    if (central.tenants.whyNot(tenant) !== null) continue;
    const { endpoints, alerts } = central.forTenant(tenant);
    for await (const { id, hostname, health } of endpoints.list({ healthStatus: ['bad', 'suspicious'], view: 'full' })) {
      const { status } = await endpoints.scan(id);
      console.log(tenant.name, hostname, health?.overall, status);
    }
    for await (const alert of alerts.list({ severity: ['high'], from: new Date(Date.now() - 86_400_000) })) {
      console.log(tenant.name, alert.raisedAt, alert.description);
    }
  }
}
