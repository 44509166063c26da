import type { DynamicModule } from '@nestjs/common';
import { startNest, StartRefused, type NestRunning, type Telemetry } from '@nexora/runtime';
import type { Agent } from './define-agent.ts';

/** Names of Nest's errors for a provider that nobody provides: starting again does not help. */
const MISSING_PROVIDER = /^(UnknownDependenciesException|UndefinedDependencyException|UnknownElementException)$/;

/**
 * Makes handlers and adapters.
 * @throws StartRefused when a constructor asks for what nobody provides.
 */
export async function startModule(agent: Agent, module: DynamicModule, telemetry: Telemetry): Promise<NestRunning> {
  try {
    return await startNest(module, telemetry);
  } catch (error) {
    const name: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'constructor') : undefined;
    if (typeof name !== 'function' || !MISSING_PROVIDER.test(name.name)) throw error;
    const sentence = (error as Error).message.split('\n', 1)[0];
    throw new StartRefused(`The adapters of ${agent.name} are not complete. ${sentence}`, { cause: error });
  }
}
