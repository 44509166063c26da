import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { openApi } from './openapi.ts';
import { Handles } from './route.ts';
import { defineRoute } from './route-spec.ts';
import { RouteTable } from './route-table.ts';

/** Version of the API as its description states it. */
const API_VERSION = '1.0.0';

const describeApi = defineRoute({
  method: 'GET',
  path: '/api/openapi.json',
  access: 'public',
  summary: 'This description',
  answers: { 200: z.record(z.string(), z.unknown()).describe('OpenAPI 3.1') },
});

/** The description of the API, made from the routes that run. */
@Controller()
export class OpenApiController {
  constructor(private readonly routes: RouteTable) {}

  @Handles(describeApi)
  async describe(): Promise<Record<string, unknown>> {
    return openApi(this.routes.all, API_VERSION);
  }
}
