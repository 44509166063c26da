import { expect, it } from '@jest/globals';
import { startTestServices } from '@nexora/testing';

it('hands the tests the services of the run', async () => {
  const services = await startTestServices();
  expect(services.env).toBeDefined();
  await services.stop();
});
