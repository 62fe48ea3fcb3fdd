import { toJsonSchema } from '@valibot/to-json-schema';
import type { ServeLimits } from './options.ts';
import { predictAnswerSchema, predictBodySchema } from './predict-request.ts';

/** https://spec.openapis.org/oas/v3.1.1, whose schemas are JSON Schema's. */
export function describeApi(version: string, { maxBytes, maxFrames, requestSeconds }: ServeLimits): object {
  const error = {
    description: 'Refused or failed, with a code',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          properties: {
            error: {
              type: 'object',
              properties: { code: { type: 'string' }, message: { type: 'string' } },
              required: ['code', 'message'],
            },
          },
        },
      },
    },
  };
  const answer = jsonSchema(predictAnswerSchema);
  const binary = { schema: { type: 'string', format: 'binary' } };
  return {
    openapi: '3.1.1',
    info: {
      title: 'TrueFrame',
      version,
      description: `At most ${maxBytes} bytes, ${maxFrames} frames and ${requestSeconds} seconds for each request.`,
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths: {
      '/healthcheck': {
        get: {
          summary: 'Whether videos can be judged',
          responses: { '200': { description: 'They can' }, '503': { description: 'They can’t, and why' } },
        },
      },
      '/predict': {
        post: {
          summary: 'Judges a video',
          parameters: [
            {
              name: 'Prefer',
              in: 'header',
              schema: { type: 'string' },
              description: 'respond-async: 202 at once, and the result at /jobs/ID',
            },
          ],
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: jsonSchema(predictBodySchema) },
              'multipart/form-data': {
                schema: { type: 'object', properties: { file: binary.schema }, required: ['file'] },
              },
              'video/*': binary,
              'application/octet-stream': binary,
            },
          },
          responses: {
            '200': {
              description: 'The verdict; UNKNOWN where no face could be judged',
              content: { 'application/json': { schema: answer } },
            },
            '202': { description: 'Accepted; Location has the job' },
            ...Object.fromEntries(
              ['400', '401', '403', '413', '415', '422', '429', '503'].map((status) => [status, error]),
            ),
          },
        },
      },
      '/jobs/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: { summary: 'State of a job', responses: { '200': { description: 'Its state' }, '404': error } },
        delete: { summary: 'Cancels a job', responses: { '204': { description: 'Done' }, '404': error } },
      },
      '/metrics': {
        get: { summary: 'Figures for Prometheus', responses: { '200': { description: 'As text' } } },
      },
    },
  };
}

function jsonSchema(schema: Parameters<typeof toJsonSchema>[0]): object {
  // What JSON Schema has no words for is checked by the server alone.
  return toJsonSchema(schema, { errorMode: 'ignore' });
}
