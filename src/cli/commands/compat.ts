import type { CommandGroup } from '../command.ts';
import { compatApiConnect } from '../imports/api-connect/compat.ts';
import { compatApiConnector } from '../imports/api-connector/compat.ts';
import { compatSiem } from '../imports/siem/compat.ts';

/** The command lines of other tools, with one word changed. */
export const compat: CommandGroup = {
  name: 'compat',
  summary: "take another tool's own flags and configuration, and do the same",
  description:
    "For a cron line that goes on with one word changed: reads the other tool's configuration each time, takes over its position at the first time, and does with this tool what it would have done. Says which command line of ours it stands for.",
  examples: ['compat siem -l -q', 'compat api-connector --auth aws --get alerts --poll_alerts --output splunk'],
  commands: [compatSiem, compatApiConnector, compatApiConnect],
};
