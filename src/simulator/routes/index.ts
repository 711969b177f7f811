import { adminRoutes } from './admins.ts';
import { alertRoutes } from './alerts.ts';
import { directoryRoutes } from './directory.ts';
import { endpointActionRoutes } from './endpoint-actions.ts';
import { endpointGroupRoutes } from './endpoint-groups.ts';
import { isolationRoutes } from './endpoint-isolation.ts';
import { endpointSettingRoutes } from './endpoint-settings.ts';
import { endpointRoutes } from './endpoints.ts';
import { exclusionRoutes } from './exclusions.ts';
import { exploitRoutes } from './exploit-mitigation.ts';
import { furtherRoutes } from './further.ts';
import { listedItemRoutes } from './items-listed.ts';
import { localSiteRoutes } from './local-sites.ts';
import { migrationRoutes } from './migrations.ts';
import { policyRoutes } from './policies.ts';
import { roleRoutes } from './roles.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import { softwareRoutes } from './software.ts';

/** Every route that needs a token and no code of its own in central.ts. */
export const routes: readonly Route[] = [
  ...alertRoutes,
  ...directoryRoutes,
  ...adminRoutes,
  ...roleRoutes,
  ...endpointRoutes,
  ...endpointActionRoutes,
  ...isolationRoutes,
  ...endpointGroupRoutes,
  ...policyRoutes,
  ...migrationRoutes,
  ...softwareRoutes,
  ...localSiteRoutes,
  ...listedItemRoutes,
  ...exclusionRoutes,
  ...exploitRoutes,
  ...endpointSettingRoutes,
  ...furtherRoutes,
];

export const router = new Router(routes);
