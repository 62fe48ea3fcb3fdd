import * as v from 'valibot';
import { predictionOf } from '../../../models/evaluation/result-files.ts';
import { outcomeOf } from '../../../utils/domain/evaluation.ts';
import { reportSchema } from '../../../utils/domain/report.ts';
import type { DeepReadonly } from '../../../utils/domain/verdict.ts';
import { NETWORK_WORDS } from '../model-folders.ts';
import type { ModelFolder } from '../model-folders.ts';
import type { JudgedVideo } from '../served-page.ts';
import { ServeError } from './serve-error.ts';

/** As long as browsers and servers take them. */
const MAX_PATH_CHARACTERS = 4096;

/** What a client of the original may ask for beside the video. */
const settingsFields = {
  num_frames: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  net: v.optional(v.picklist(NETWORK_WORDS)),
  fp16: v.optional(v.boolean()),
};
const predictSettingsSchema = v.object(settingsFields);
export type PredictSettings = v.InferOutput<typeof predictSettingsSchema>;

export const predictBodySchema = v.object({
  /** An http or https address, or a path below `--allow-path`. */
  file_path: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_PATH_CHARACTERS)),
  ...settingsFields,
});

/** The answer for a video. Clients of the original read the first two. */
export const predictAnswerSchema = v.object({
  df_probability: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  prediction: v.picklist(['FAKE', 'REAL', 'UNKNOWN']),
  /** Why it is UNKNOWN. */
  reason: v.optional(v.string()),
  verdict: v.string(),
  report: reportSchema,
});
export type PredictAnswer = DeepReadonly<v.InferOutput<typeof predictAnswerSchema>>;

/** @throws ServeError 400 that names the field */
export function parseRequest<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const read = v.safeParse(schema, value);
  if (read.success) return read.output;
  const [issue] = read.issues;
  const path = v.getDotPath(issue);
  throw new ServeError(400, 'request-invalid', path === null ? issue.message : `${path}: ${issue.message}`);
}

/** Fields of a form or a query, which are all texts. @throws ServeError 400 */
export function parseTextSettings(fields: Readonly<Record<string, unknown>>): PredictSettings {
  const { num_frames: frames, net, fp16 } = fields;
  return parseRequest(predictSettingsSchema, {
    ...(frames !== undefined && {
      num_frames: typeof frames === 'string' && /^\d{1,6}$/.test(frames) ? Number(frames) : frames,
    }),
    ...(net !== undefined && { net }),
    ...(fp16 !== undefined && { fp16: fp16 === 'true' ? true : fp16 === 'false' ? false : fp16 }),
  });
}

/**
 * The models that a request is judged with, in their order.
 * @throws ServeError 400 for a network or a form that the server does not have
 */
export function chooseModels(
  models: readonly ModelFolder[],
  { net, fp16 }: PredictSettings,
): readonly ModelFolder[] {
  const chosen = models.filter(
    ({ description }) => net === undefined || [description.network, description.detector].includes(net),
  );
  if (chosen.length === 0) {
    throw new ServeError(400, 'network-missing', `this server has no network ${String(net)}`);
  }
  if (fp16 === true && chosen.some(({ description }) => description.dtype !== 'fp16')) {
    throw new ServeError(400, 'dtype-missing', 'this server’s networks are not in fp16');
  }
  return chosen;
}

/**
 * @param threshold FAKE above it. At .5 the original's class decides, which is the same but for scores of .5 exactly
 * @throws ServeError 422 for a video that could not be judged at all
 */
export function answerOf(judged: JudgedVideo, threshold: number): PredictAnswer {
  if (judged.kind === 'failed') throw new ServeError(422, judged.failed.code, judged.failed.message);
  const { report } = judged.evaluated;
  const { verdict } = report;
  if (verdict.kind === 'refused' && outcomeOf(report) === 'unreadable') {
    throw new ServeError(422, verdict.reason, 'no frame of the video could be read');
  }
  const prediction = predictionOf(report);
  if (verdict.kind === 'refused' || prediction === null) {
    const reason = verdict.kind === 'refused' ? { reason: verdict.reason } : {};
    return { df_probability: null, prediction: 'UNKNOWN', ...reason, verdict: verdict.kind, report };
  }
  const { score, label } = prediction;
  const byThreshold = score > threshold ? 'FAKE' : 'REAL';
  return {
    df_probability: score,
    prediction: threshold === 0.5 ? label : byThreshold,
    verdict: verdict.kind,
    report,
  };
}
