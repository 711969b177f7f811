/** The section `secrets` of the file. */
import { object, pattern, secretText, text } from '../../core/schema.ts';
import { urlText } from '../sections.ts';

/** A file, relative to the configuration file. */
const fileText = (what: string, example: string) =>
  text()
    .optional()
    .meta({ examples: [example] })
    .describe(`${what}; relative to the configuration file`);

/** Where and as whom secrets are asked for. Its own texts may hold `${env:}`, `${file:}`, `${systemd:}`, `${keyring:}` and `${ini:}` only. */
export const secrets = object({
  aws: object({
    region: pattern(/^[a-z]{2,}(-[a-z0-9]+)+$/, 'expected a region such as `eu-central-1`')
      .meta({ examples: ['eu-central-1'] })
      .optional()
      .describe('Region of the secrets; without it that of an ARN, AWS_REGION, or the profile'),
    profile: text()
      .meta({ examples: ['siem'] })
      .optional()
      .describe('Profile of the shared AWS files; without it AWS_PROFILE'),
    endpoint: urlText()
      .optional()
      .meta({ examples: ['https://secretsmanager.eu-central-1.amazonaws.com'] })
      .describe('Another address of Secrets Manager, such as that of a VPC endpoint; without it AWS_ENDPOINT_URL_SECRETS_MANAGER or AWS_ENDPOINT_URL'),
  })
    .optional()
    .describe('AWS Secrets Manager, for `${aws-secret:NAME#KEY}`'),
  vault: object({
    address: urlText()
      .optional()
      .meta({ examples: ['https://vault.example.com:8200'] })
      .describe('Address of Vault; without it VAULT_ADDR'),
    token: secretText()
      .optional()
      .meta({ examples: ['${env:VAULT_TOKEN}'] })
      .describe('Token; without it `tokenFile`, `approle`, `kubernetes`, VAULT_TOKEN or ~/.vault-token'),
    tokenFile: fileText('File with the token, such as the sink of a Vault agent', '/run/vault/token'),
    namespace: text()
      .meta({ examples: ['security/siem'] })
      .optional()
      .describe('Namespace; without it VAULT_NAMESPACE'),
    mount: text()
      .meta({ examples: ['secret'] })
      .optional()
      .describe('Mount of the KV engine; without it the first part of each path'),
    caFile: fileText('PEM file of certificates to trust besides the system`s; without it VAULT_CACERT', 'vault-ca.pem'),
    approle: object({
      roleId: text()
        .meta({ examples: ['4b3c1f0e-8a52-4e57-9d6f-0c1e9a7b2d34'] })
        .describe('Id of the role'),
      secretId: secretText()
        .optional()
        .meta({ examples: ['${file:secrets/vault-secret-id}'] })
        .describe('Secret id, unless the role needs none'),
      mount: text().default('approle').describe('Where the login stands'),
    })
      .optional()
      .describe('Login by AppRole'),
    kubernetes: object({
      role: text()
        .meta({ examples: ['sophos-central'] })
        .describe('Role of the login'),
      mount: text().default('kubernetes').describe('Where the login stands'),
      tokenFile: fileText('Token of the service account; by default the pod`s', '/var/run/secrets/tokens/vault'),
    })
      .optional()
      .describe('Login as a Kubernetes service account'),
  })
    .optional()
    .describe('HashiCorp Vault, for `${vault:PATH#KEY}`'),
  azure: object({
    tenantId: text()
      .optional()
      .meta({ examples: ['72f988bf-0000-4000-8000-2d7cd011db47'] })
      .describe('Id of the directory; without it AZURE_TENANT_ID'),
    clientId: text()
      .optional()
      .meta({ examples: ['11112222-3333-4444-8555-666677778888'] })
      .describe('Id of the application or managed identity; without it AZURE_CLIENT_ID'),
    clientSecret: secretText()
      .optional()
      .meta({ examples: ['${env:AZURE_CLIENT_SECRET}'] })
      .describe('Secret of the application; without it AZURE_CLIENT_SECRET, a workload identity or a managed identity'),
    authority: urlText()
      .optional()
      .meta({ examples: ['https://login.microsoftonline.us'] })
      .describe('Another address of the token service; without it AZURE_AUTHORITY_HOST, or that of the cloud'),
    endpoint: urlText()
      .optional()
      .meta({ examples: ['https://siem.vault.usgovcloudapi.net'] })
      .describe('Another address of the vault, instead of `https://VAULT.vault.azure.net`'),
  })
    .optional()
    .describe('Azure Key Vault, for `${azure-kv:VAULT/NAME}`'),
  gcp: object({
    project: text()
      .meta({ examples: ['siem-prod'] })
      .optional()
      .describe('Project of names that have none; without it GOOGLE_CLOUD_PROJECT, or that of the identity'),
    credentialsFile: fileText(
      'Key file of a service account; without it GOOGLE_APPLICATION_CREDENTIALS, the login of gcloud or the metadata server',
      'service-account.json',
    ),
    endpoint: urlText()
      .optional()
      .meta({ examples: ['https://secretmanager.googleapis.com'] })
      .describe('Another address of Secret Manager'),
  })
    .optional()
    .describe('Google Secret Manager, for `${gcp-secret:PROJECT/NAME}`'),
});
