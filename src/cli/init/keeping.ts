/** How to keep the service running, as texts to copy: one for each way. */
import { basename, dirname } from 'node:path';
import { shellWord } from '../output/shell-word.ts';
import type { Keep } from './answers.ts';

/** What the texts name. */
export interface Kept {
  /** The configuration file, absolute. */
  readonly file: string;
  /** How the program is started: one word, or node and its script. */
  readonly program: readonly string[];
  readonly user: string;
  /** Variables that must be set, such as `SOPHOS_CLIENT_SECRET`. */
  readonly variables: readonly string[];
  /** Credentials that systemd must load, for `${systemd:NAME}`. */
  readonly credentials: readonly string[];
}

/** Each way with a title and one line of explanation, in the order in which they are offered. */
export const keepings: readonly { readonly keep: Keep; readonly title: string; readonly hint: string }[] = [
  { keep: 'systemd', title: 'systemd', hint: 'a service of Linux' },
  { keep: 'cron', title: 'cron', hint: 'one pass every five minutes' },
  { keep: 'windows', title: 'Windows', hint: 'a task that starts with the machine' },
  { keep: 'container', title: 'Container', hint: 'docker or podman' },
  { keep: 'none', title: 'Later', hint: 'docs/first-steps.md has all of them' },
];

/** The text for one way; empty for none. */
export function keepingText(keep: Keep, kept: Kept): string {
  switch (keep) {
    case 'systemd':
      return systemd(kept);
    case 'cron':
      return cron(kept);
    case 'windows':
      return windows(kept);
    case 'container':
      return container(kept);
    case 'none':
      return '';
  }
}

/** Beside the configuration: the file of variables, for its owner only. */
const envFileOf = (file: string) => `${dirname(file)}/sophos-central.env`;

function envFileText({ file, variables }: Pick<Kept, 'file' | 'variables'>): string {
  if (variables.length === 0) return '';
  const lines = variables.map((name) => `${name}=...`);
  return `# Put the secrets into a file that only you can read (chmod 600):
#   ${envFileOf(file)}
${lines.map((line) => `#     ${line}`).join('\n')}
`;
}

function systemd(kept: Kept): string {
  const { file, program, user, variables, credentials } = kept;
  const folder = dirname(file);
  const secrets = [
    ...(variables.length === 0 ? [] : [`EnvironmentFile=${unit(envFileOf(file))}`]),
    ...credentials.map((name) => `LoadCredential=${unit(name)}:${unit(`/etc/credstore/${name}`)}`),
  ];
  return `${envFileText(kept)}# Save as /etc/systemd/system/sophos-central.service, then:
#   sudo systemctl daemon-reload
#   sudo systemctl enable --now sophos-central
[Unit]
Description=Sophos Central connector
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${program.map(unitWord).join(' ')} run --config ${unitWord(file)}
${[`WorkingDirectory=${unit(folder)}`, `User=${unit(user)}`, ...secrets].join('\n')}
Restart=on-failure
RestartSec=30
# Not for what somebody must change: the configuration, or a refused credential.
RestartPreventExitStatus=2 3
TimeoutStopSec=40
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths=${unitWord(folder)}

[Install]
WantedBy=multi-user.target
`;
}

/** `%` begins a specifier there. */
function unit(text: string): string {
  return text.replaceAll('%', '%%');
}

/** One word of a line of a unit. */
function unitWord(text: string): string {
  const plain = unit(text);
  return /^[\w./@%:+-]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&').replaceAll('$', '$$$$')}"`;
}

function cron(kept: Kept): string {
  const { file, program, variables } = kept;
  const secrets = variables.length === 0 ? '' : `set -a; . ${shellWord(envFileOf(file))}; set +a; `;
  // cron takes `%` for a line end.
  const line = `*/5 * * * *  ${secrets}${program.map(shellWord).join(' ')} run --once --quiet --config ${shellWord(file)}`.replaceAll('%', '\\%');
  return `${envFileText(kept)}# Add with \`crontab -e\`; passes that overlap are safe:
${line}
`;
}

function windows({ file, program, variables }: Kept): string {
  const set = variables.map((name) => `#   [Environment]::SetEnvironmentVariable('${name}', (Read-Host '${name}'), 'User')`);
  const [first = 'sophos-central', ...rest] = program;
  const argument = [...rest.map((word) => `"${word}"`), 'run', '--config', `"${file}"`].join(' ').replaceAll("'", "''");
  return `${set.length === 0 ? '' : `# Once, as the user that the task runs as:\n${set.join('\n')}\n`}# In PowerShell, as an administrator:
$action = New-ScheduledTaskAction -Execute '${first.replaceAll("'", "''")}' -Argument '${argument}'
$when = New-ScheduledTaskTrigger -AtStartup
$how = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) -ExecutionTimeLimit 0
Register-ScheduledTask 'Sophos Central' -Action $action -Trigger $when -Settings $how -User $env:USERNAME -Password (Read-Host 'Password')
`;
}

function container({ file, variables }: Kept): string {
  const folder = dirname(file);
  const secrets = variables.length === 0 ? '' : `  --env-file ${shellWord(envFileOf(file))} \\\n`;
  return `${envFileText({ file, variables })}docker run --detach --name sophos-central --restart on-failure \\
  --user "$(id -u):$(id -g)" --env HOME=/tmp \\
${secrets}  --volume ${shellWord(folder)}:/data --workdir /data \\
  node:22-slim npx --yes --package sophos-central-connector \\
  sophos-central run --config /data/${shellWord(basename(file))}
`;
}
