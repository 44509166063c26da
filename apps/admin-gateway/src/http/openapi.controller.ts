import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { API_PAGE_POLICY, apiPage, type DrawnApi } from './api-page.ts';
import { openApi } from './openapi.ts';
import { RawAnswer } from './raw-answer.ts';
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

const showApi = defineRoute({
  method: 'GET',
  path: '/api/docs',
  access: 'public',
  summary: 'This description as a page for people',
  answers: { 200: { bytes: 'text/html', description: 'The page' } },
});

/** The description of the API, made from the routes that run. */
@Controller()
export class OpenApiController {
  constructor(private readonly routes: RouteTable) {}

  @Handles(describeApi)
  async describe(): Promise<Record<string, unknown>> {
    return openApi(this.routes.all, API_VERSION);
  }

  @Handles(showApi)
  async show(): Promise<RawAnswer> {
    const page = apiPage(openApi(this.routes.all, API_VERSION) as unknown as DrawnApi);
    return new RawAnswer(200, Buffer.from(page), {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': API_PAGE_POLICY,
    });
  }
}
