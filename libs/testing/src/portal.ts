/** The sandbox licence portal as a process of a test's own: tests of apps may not import a tool, this library may. */
export {
  OfficeRefused,
  PortalClient,
  startPortal,
  Vendor,
  type Issued,
  type Order,
  type PortalState,
  type RunningPortal,
} from '@nexora/sandbox-portal';
