import type { Rows } from './rows.ts';

/**
 * Types of endpoints: what protection found, and how the endpoint is.
 *
 * Shape    category -> action -> types without the prefix `Event::`, each type once in all tables.
 * Source   reference, appendix A.1 to A.4.
 */
export const endpointTypes: Rows = {
  malware: {
    detected: `Endpoint::Threat::Detected Endpoint::CoreDetection Endpoint::CoreRemoteDetection Endpoint::HmpaMalwareDetected Endpoint::HmpaThreat
      Endpoint::HomeThreatRemnantsDetected`,
    cleaned: `Endpoint::Threat::CleanedUp Endpoint::CoreClean Endpoint::CoreSystemClean Endpoint::HmpaMalwareCleanup Endpoint::HomeThreatRemnantsDeleted`,
    'cleanup-failed': 'Endpoint::Threat::CleanupFailed Endpoint::CoreCleanFailed Endpoint::CoreSystemCleanFailed',
    'nothing-found': 'Endpoint::CoreCleanNothingFound',
    'reboot-required': 'Endpoint::CoreReboot',
    restored: 'Endpoint::CoreRestore',
    'restore-failed': 'Endpoint::CoreRestoreFailed',
    dismissed: 'Endpoint::Threat::Dismissed Endpoint::CoreDismissed',
  },
  pua: {
    detected: `Endpoint::Threat::PuaDetected Endpoint::CorePuaDetection Endpoint::CorePuaRemoteDetection Endpoint::HmpaPuaDetected
      Endpoint::HomePuaRemnantsDetected`,
    cleaned: 'Endpoint::Threat::PuaCleanedUp Endpoint::CorePuaClean Endpoint::HmpaPuaCleanup Endpoint::HomePuaRemnantsDeleted',
    'cleanup-failed': 'Endpoint::Threat::PuaCleanupFailed Endpoint::CorePuaCleanFailed',
    'nothing-found': 'Endpoint::CorePuaCleanNothingFound',
    'reboot-required': 'Endpoint::CorePuaReboot',
    restored: 'Endpoint::CorePuaRestore',
    'restore-failed': 'Endpoint::CorePuaRestoreFailed',
    dismissed: 'Endpoint::Threat::PuaDismissed',
  },
  behavior: {
    detected: 'Endpoint::Threat::HIPSDetected Endpoint::CoreBehavioralDetection',
    cleaned: 'Endpoint::Threat::HIPSCleanedUp',
    'cleanup-failed': 'Endpoint::Threat::HIPSCleanupFailed',
    dismissed: 'Endpoint::Threat::HIPSDismissed',
  },
  ransomware: {
    blocked: 'Endpoint::HmpaCryptoGuard Endpoint::HmpaCryptoGuardSMB Endpoint::HmpaCryptoGuardSMBOrigin',
    resolved: 'Endpoint::HmpaCryptoGuardResolved Endpoint::HmpaCryptoGuardSMBResolved',
  },
  exploit: {
    blocked: `Endpoint::HmpaExploitPrevented Endpoint::HmpaApplicationHijacking Endpoint::HmpaBehaviourPrevented Endpoint::HmpaCredGuard
      Endpoint::HmpaPrivGuard Endpoint::HmpaSafeBrowsing`,
    resolved: 'Endpoint::HmpaCredGuardResolved Endpoint::HmpaPrivGuardResolved',
    cleaned: 'Endpoint::CoreHmpaClean',
    'cleanup-failed': 'Endpoint::CoreHmpaCleanFailed',
    'nothing-found': 'Endpoint::CoreHmpaCleanNothingFound',
    'reboot-required': 'Endpoint::CoreHmpaReboot',
  },
  script: {
    blocked: 'Endpoint::CoreAmsiBlocked',
    cleaned: 'Endpoint::CoreAmsiClean',
    'cleanup-failed': 'Endpoint::CoreAmsiCleanFailed',
  },
  'network-threat': {
    detected: 'Endpoint::Threat::CommandAndControlDetected Firewall::FirewallAdvancedThreatProtection',
    blocked: 'Endpoint::Threat::IpsInboundDetection Endpoint::Threat::IpsOutboundDetection',
    dismissed: 'Endpoint::Threat::CommandAndControlDismissed',
    cleaned: 'Endpoint::CoreIpsClean',
    'cleanup-failed': 'Endpoint::CoreIpsCleanFailed',
  },
  outbreak: { detected: 'Endpoint::CoreOutbreak', dismissed: 'Endpoint::CoreOutbreakDismissed' },
  'blocked-item': {
    detected: 'Endpoint::CoreBlocklistDetection',
    cleaned: 'Endpoint::CoreBlocklistClean',
    'cleanup-failed': 'Endpoint::CoreBlocklistCleanFailed',
  },
  reputation: {
    detected: 'Endpoint::Threat::LowRepAppDetected',
    cleaned: 'Endpoint::Threat::LowRepAppCleanedUp',
    allowed: 'Endpoint::DownloadReputationAutoAuthorised Endpoint::DownloadReputationUserAuthorised',
    blocked: 'Endpoint::DownloadReputationAutoBlocked Endpoint::DownloadReputationUserBlocked',
  },
  cookies: {
    detected: 'Endpoint::HmpaCookiesDetected Endpoint::HomeCookiesDetected',
    cleaned: 'Endpoint::HmpaCookiesDeleted Endpoint::HomeCookiesDeleted',
  },
  privacy: { detected: 'Endpoint::HmpaCameraMic' },
  scan: {
    started: 'Endpoint::HmpaScanStarted Endpoint::IntensiveScanStarted Endpoint::SavSmartScanStarted Endpoint::HomeStartStarted',
    completed: `Endpoint::HmpaScanCompleted Endpoint::HmpaScanClean Endpoint::IntensiveScanPartComplete Endpoint::SavScanComplete
      Endpoint::SavFastScanComplete Endpoint::SavSmartScanComplete Endpoint::HomeStartFinished`,
    cancelled: 'Endpoint::SavSmartScanAborted Endpoint::HomeStartCancelled',
    'reboot-required': 'Endpoint::HmpaScanReboot',
  },
  forensics: {
    succeeded: 'Endpoint::CoreGenerateForensicSnapshot Endpoint::CoreUploadForensicSnapshot',
    failed: 'Endpoint::CoreGenerateForensicSnapshotFailed Endpoint::CoreUploadForensicSnapshotFailed',
  },
  mdr: { detected: 'EDR.DarkBytes::CaseCreated' },
  update: {
    updated: 'Endpoint::UpdateSuccess',
    failed: 'Endpoint::UpdateFailure',
    'reboot-required': 'Endpoint::UpdateRebootRequired Endpoint::UpdateRebootUrgentlyRequired',
  },
  protection: {
    enabled: 'Endpoint::Protected Endpoint::Reprotected Endpoint::SavEnabled',
    disabled: 'Endpoint::NotProtected Endpoint::SavDisabled',
    degraded: 'Endpoint::SavError Endpoint::ServiceNotRunning',
    recovered: 'Endpoint::ServiceRestored',
    outdated: 'Endpoint::OutOfDate Endpoint::UnsupportedOperatingSystem',
  },
  registration: {
    added: 'Endpoint::Registered Endpoint::UserAutoCreated',
    changed: 'Endpoint::CloneDetected Endpoint::Deduplicated',
    removed: 'Endpoint::HomeEndpointUninstalled',
  },
  compliance: { compliant: 'Endpoint::Compliant', 'non-compliant': 'Endpoint::NonCompliant' },
  isolation: { isolated: 'Endpoint::Isolation::Isolated', released: 'Endpoint::Isolation::UnIsolated' },
  heartbeat: {
    degraded: 'Endpoint::HeartbeatMissing Firewall::FirewallMissingHeartbeat',
    recovered: 'Endpoint::HeartbeatRestored',
  },
  management: {
    disabled: 'Endpoint::Management::Suspended Endpoint::FileIntegrityMonitoring::Suspend',
    enabled: 'Endpoint::Management::Resumed Endpoint::FileIntegrityMonitoring::Resume',
  },
  software: { changed: 'Endpoint::AppChange' },
  web: { blocked: 'Endpoint::WebControlViolation Endpoint::WebFilteringBlocked Endpoint::Smc::WebFiltering' },
  application: {
    blocked: 'Endpoint::Application::Blocked',
    allowed: 'Endpoint::Application::Allowed',
    detected: 'Endpoint::Application::Detected',
  },
  peripheral: {
    allowed: 'Endpoint::Device::AlertedOnly',
    blocked: 'Endpoint::Device::Blocked',
    restricted: 'Endpoint::Device::ReadOnly',
  },
  dlp: {
    allowed: 'Endpoint::DataLossPreventionAutomaticallyAllowed Endpoint::DataLossPreventionUserAllowed',
    blocked: 'Endpoint::DataLossPreventionAutomaticallyBlocked Endpoint::DataLossPreventionUserBlocked Xgemail::DlpViolationEvent',
  },
  'endpoint-firewall': { blocked: 'Endpoint::WindowsFirewall::Blocked' },
  encryption: {
    degraded: 'Endpoint::Enc::DiskNotEncryptedEvent',
    reported: 'Endpoint::Enc::DiskEncryptionInformation',
    failed: 'Endpoint::Enc::DiskEncryptionFailed',
    changed: 'Endpoint::Enc::DiskEncryptionStatusChanged Endpoint::Denc::PostponedAuthenticationResetEvent',
    disabled: 'Endpoint::Denc::EncryptionSuspendedEvent Endpoint::Denc::OutlookPluginDisabledEvent',
    enabled: 'Endpoint::Denc::OutlookPluginEnabledEvent',
  },
  'encryption-key': {
    added: 'Endpoint::Enc::Recovery::KeyReceived',
    removed: 'Endpoint::Enc::Recovery::KeyRevoked',
    failed: 'Endpoint::Enc::Recovery::KeyCreationFailed',
    degraded: 'Endpoint::Enc::RecoveryKeyMissingEvent',
    updated: 'Endpoint::Fenc::UserKeyringSyncedEvent',
  },
};
