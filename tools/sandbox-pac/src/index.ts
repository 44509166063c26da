export { ControlRefused, sandboxFlags } from '@nexora/sandbox-kit';
export { SandboxClient, sandboxMain, startSandbox } from './client.ts';
export type { RunningSandbox, StartOptions } from './client.ts';
export type { LoggedCancellation } from './cancel/book.ts';
export type { SandboxState } from './control/control.ts';
export type { LoggedRequest } from './pac/memory.ts';
export { IssuerUnusable, makeDemoIssuer, makeTestCertificates } from './ca/issuers.ts';
export type { DemoIssuer, TestCertificates } from './ca/issuers.ts';
