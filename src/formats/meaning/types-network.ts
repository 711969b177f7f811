import type { Rows } from './rows.ts';

/**
 * Types of firewalls, access points, cloud accounts, mail, mobiles and the account itself.
 *
 * Shape    as types-endpoint.ts. A word that ends in `*` is a family whose members nobody has listed.
 * Source   reference, appendix A.2 (`Task`), A.5 and A.6.
 */
export const networkTypes: Rows = {
  'firewall-link': {
    degraded: `Firewall::LostConnectionToSophosCentral Firewall::FirewallGatewayDown Firewall::FirewallREDTunnelDown Firewall::FirewallVPNTunnelDown
      Firewall::FirewallUnAuthorizedToSophosCentral`,
    recovered: 'Firewall::Reconnected Firewall::FirewallGatewayUp Firewall::FirewallREDTunnelUp Firewall::FirewallVPNTunnelUp',
  },
  'firewall-health': {
    degraded: `Firewall::FirewallHAStateDegraded Firewall::FirewallHighCPUUsage Firewall::FirewallMaxCPUUsage Firewall::FirewallHighDiskUsage
      Firewall::FirewallHighMemoryUsage`,
    recovered: 'Firewall::FirewallHAStateRestored',
  },
  'firewall-admin': {
    added: 'Other::RegisteredInCentral',
    removed: 'Other::DeregisteredFromSophosCentral',
    cancelled: 'Other::ZeroTouchCancelled',
    disabled: 'Other::ManagementDisabled',
    expired: 'Other::ManagementApprovalExpired',
    requested: 'Other::WaitingForApproval',
  },
  update: {
    started: 'Other::FirewallFirmwareUpdateInProgress Wireless::AccessPoint::Firmware::UpdateStarted Wireless::Firmware::Global::UpdateStarted',
    updated: 'Other::FirewallFirmwareUpdateSuccessfullyFinished Wireless::AccessPoint::Firmware::UpdateSucceeded Wireless::Firmware::Global::UpdateSucceeded',
    failed: `Other::FirewallFirmwareUpdateFailed Firewall::FirewallFirmwareUpgradeFailed Wireless::AccessPoint::Firmware::UpdateFailed
      Wireless::Firmware::Global::UpdateFailed`,
    reported: 'Wireless::Firmware::Global::Update*',
  },
  license: {
    expiring: 'Other::FirewallSubscriptionExpiringSoon Other::FirewallSubscriptionAlmostExpired Firewall::ReportingXgsLicenseNotification',
    expired: 'Other::FirewallSubscriptionExpired Firewall::ReportingGracePeriodExpired Firewall::ReportingXgsLicenseExpired',
    changed: 'Firewall::ReportingGracePeriodExtension Firewall::RenewalWithLesserQuantity',
    started: 'Firewall::ReportingGracePeriodStart',
    disabled: 'Firewall::ReportingLicenseHADisable',
    requested: 'Smc::RenewSmcLicense Smc::RenewKnoxLicense Smc::RenewAppleVpp Task::RenewLicense',
  },
  certificate: {
    requested: `Endpoint::VirtualisationCertificateRenewal Endpoint::Smc::RenewInstalledCertificate Smc::RenewInstalledCertificate Smc::RenewAppleDepToken
      Task::RenewApiToken Task::RenewApnsCertificate Task::NoApnsCertificate`,
    failed: 'Protection::CustomerHeartbeatCertificateRenewalFailure',
    expired: 'Mobile::ApnsCertificateExpired',
    updated: 'Mobile::ApnsCertificateRenewed',
    removed: 'Mobile::ApnsCertificateRevoked',
  },
  'directory-sync': { succeeded: 'ADSync::Success', warned: 'ADSync::Warning', failed: 'ADSync::Error ADSync::TooLargeError' },
  wireless: {
    degraded: `Wireless::AccessPoint::BadHealth Wireless::AccessPoint::NotBroadcast Wireless::AccessPoint::Offline
      Wireless::AccessPoint::HighDataPacketRetries Wireless::AccessPoint::HighDataPacketRetriesGhz24 Wireless::AccessPoint::HighDataPacketRetriesGhz5
      Wireless::AccessPoint::DnsTimeout Wireless::AccessPoint::HighDnsLatency Wireless::AccessPoint::LowEthernetSpeed
      Wireless::AccessPoint::RadiusInactive Wireless::AccessPoint::GatewayNotReachable
      Wireless::AccessPoint::GnatHotspotVlanInvalidConfiguration Wireless::SyncSecurity::WrongConfig`,
    recovered: 'Wireless::AccessPoint::HighEthernetSpeed Wireless::AccessPoint::RadiusActive',
    changed: 'Wireless::AccessPoint::ChannelChanged Wireless::AccessPoint::ChannelChangedReason',
    completed: 'Wireless::AccessPoint::CommandDone',
    failed: 'Wireless::AccessPoint::ConfigurationFailed',
    reported: 'Wireless::WifixAccessPoint::Common',
  },
  switch: { degraded: 'CSWITCH::CSwitchDisconnected' },
  ztna: { degraded: 'ZTNA::ZTNAGatewayUnreachable ZTNA::ZTNAApplicationUnreachable', failed: 'ZTNA::ZTNAAuthenticationFailure' },
  registration: { added: 'CWG::Registered' },
  protection: { enabled: 'CWG::Reprotected' },
  'cloud-account': {
    added: 'Iaas::Log::AWS_ACCOUNT_ADDED IaasAzure::AzureLog::AZURE_DIRECTORY_ADDED',
    removed: 'Iaas::Log::AWS_ACCOUNT_DELETED IaasAzure::AzureLog::REMOVED',
    changed: 'Iaas::Log::BUCKET_HEALTH_CHANGED IaasAzure::AzureLog::MODIFIED',
    failed: 'Iaas::IaasError::* Iaas::BucketError* IaasAzure::AzureError::INVALID_CREDENTIALS IaasAzure::AzureError::UNKNOWN_ERROR',
  },
  email: {
    detected: 'SpamOrVirus::Alert OutboundMalwareProtection::EndpointScan',
    warned: 'RateLimitAlert::Alert',
    blocked: 'OutboundMalwareProtection::BlockedSender',
  },
  management: { disabled: 'Xgemail::DlpRuleDisableEvent' },
  'user-check': {
    requested: 'UAV::Requested*',
    answered: 'UAV::Responded*',
    failed: 'UAV::TimedOut*',
    detected: 'UAV::PotentiallyCompromisedDevice',
  },
  task: {
    requested: 'Task::ProtectEndpoints Task::SecurityIssue Task::MigrateUserDevicesToServers Task::SupportPortalOpen',
  },
  mobile: {
    added: 'Endpoint::Mobile::Added Endpoint::Mobile::Enrolled Endpoint::Mobile::EnrolledNewApp',
    removed: 'Endpoint::Mobile::Unenrolled Endpoint::Mobile::UnenrolledByUser',
    succeeded: 'Endpoint::Mobile::Action::Succeeded',
    failed: 'Endpoint::Mobile::Action::Failed Endpoint::Smc::Uem::EnrollmentFailed',
    cancelled: 'Endpoint::Mobile::Action::Skipped Endpoint::Mobile::Action::Cancelled',
    degraded: 'Endpoint::Mobile::EasDataMissing Endpoint::Mobile::PlaceholderMissing Endpoint::Smc::DeviceTemThresholdExceeded Mobile::UserEmailMissing',
  },
  compliance: { compliant: 'Endpoint::Mobile::NowCompliant', 'non-compliant': 'Endpoint::Mobile::NowNonCompliant' },
  'mobile-service': {
    started: 'Smc::MigrationStarted',
    succeeded: 'Smc::MigrationSucceeded',
    cancelled: 'Smc::MigrationActionsCancelled Smc::MigrationCancelled',
    failed: `Smc::MigrationFailed Smc::MigrationPreventedByAdminEmail Smc::SynchronizationFailed Smc::AfwClientConnectionError Smc::AfwNotEnrolled
      Smc::AfwUnapprovedAppUsedInOtherObjectEvent Smc::AfwRequiredAppNotApproved`,
    requested: 'Smc::DepRequiresAcceptingTermsOfUse',
  },
  'network-threat': { detected: 'Smc::MitmAttackEvent' },
};
