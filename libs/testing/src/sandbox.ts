/** The sandbox PAC as a process of a test's own: tests of apps may not import a tool, this library may. */
export {
  makeDemoIssuer,
  makeTestCertificates,
  SandboxClient,
  startSandbox,
  type DemoIssuer,
  type LoggedCancellation,
  type LoggedRequest,
  type RunningSandbox,
  type StartOptions,
  type TestCertificates,
} from '@nexora/sandbox-pac';
