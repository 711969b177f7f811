import { acting, byPageOf, listing, of, reading, removing } from '../form.ts';
import type {
  LocateMobileDevices,
  LockMobileDevices,
  MessageToMobileDevices,
  MobileAction,
  MobileActionsQuery,
  MobileActionsTaken,
  OnMobileDevices,
  WipeMobileDevices,
} from '../shapes/mobile-actions.ts';
import type { MobileView } from '../shapes/mobile-devices.ts';
import type { Deleted } from '../shapes/parts.ts';

const plain = of<MobileActionsTaken, MobileView, OnMobileDevices>();

/** What is done to mobile devices (reference, 7.8). */
export const mobileActions = {
  list: listing('/mobile/v1/actions', byPageOf(500), of<MobileAction, MobileActionsQuery>(), 'list the actions on mobile devices'),
  get: reading('/mobile/v1/actions/{id}', of<MobileAction, MobileView>(), 'read an action on a mobile device'),
  delete: removing('/mobile/v1/actions/{id}', of<Deleted>(), 'delete an action on a mobile device'),
  sync: acting('POST', '/mobile/v1/actions/sync', plain, 'have mobile devices sync'),
  getLogs: acting('POST', '/mobile/v1/actions/get-logs', plain, 'have mobile devices send their logs'),
  scan: acting('POST', '/mobile/v1/actions/scan', plain, 'have mobile devices scanned'),
  unenroll: acting('POST', '/mobile/v1/actions/unenroll', plain, 'unenrol mobile devices'),
  sendMessage: acting('POST', '/mobile/v1/actions/send-message', of<MobileActionsTaken, MobileView, MessageToMobileDevices>(), 'send mobile devices a message'),
  locate: acting('POST', '/mobile/v1/actions/locate', of<MobileActionsTaken, MobileView, LocateMobileDevices>(), 'locate mobile devices'),
  lock: acting('POST', '/mobile/v1/actions/lock', of<MobileActionsTaken, MobileView, LockMobileDevices>(), 'lock mobile devices'),
  wipe: acting('POST', '/mobile/v1/actions/wipe', of<MobileActionsTaken, MobileView, WipeMobileDevices>(), 'wipe mobile devices'),
};
