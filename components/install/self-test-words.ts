import type { DeviceTest, SelfTest } from '../../utils/domain/model.ts';
import { camelCase, formatNumber, t } from '../texts.tsx';

/** What the self-test says, in one sentence for every user. */
export function selfTestSentence({ device, wasm, webgpu }: SelfTest): string {
  switch (device) {
    case 'webgpu':
      return webgpu.kind === 'passed'
        ? t('model.selfTest.onGpu', { time: faceTime(webgpu.millisecondsPerFace) })
        : t('model.selfTest.onGpuUntimed');
    case 'wasm': {
      const time = wasm.kind === 'passed' ? faceTime(wasm.millisecondsPerFace) : '';
      return t(`model.selfTest.${onProcessor(webgpu)}`, { time });
    }
    case null:
      return t('model.selfTest.nowhere');
  }
}

/** One device's result as the options list it: "0.32 s a face", "not used: …". */
export function deviceTestWords(test: DeviceTest): string {
  switch (test.kind) {
    case 'passed':
      return faceTime(test.millisecondsPerFace);
    case 'failed':
      return t('model.selfTest.failed', { reason: test.reason });
    case 'absent':
      return t(`model.selfTest.${camelCase(test.reason)}`);
    case 'not-tested':
      return t('model.selfTest.notTested');
  }
}

/** Why a model runs where it runs. */
export function deviceReason({ device, wasm, webgpu }: SelfTest): string {
  if (device === null) return t('model.runsOn.nowhere');
  if (device === 'webgpu') {
    return t(wasm.kind === 'passed' ? 'model.runsOn.webgpuFaster' : 'model.runsOn.webgpuOnly');
  }
  if (webgpu.kind === 'passed') return t('model.runsOn.wasmFaster');
  return t(webgpu.kind === 'failed' ? 'model.runsOn.wasmOnlyRight' : 'model.runsOn.wasmOnly');
}

/** Why the processor and not the graphics card. */
function onProcessor(webgpu: DeviceTest) {
  if (webgpu.kind === 'passed') return 'onProcessorFaster';
  if (webgpu.kind === 'failed') return 'onProcessorGpuWrong';
  return webgpu.kind === 'not-tested' || webgpu.reason === 'no-kernels' ? 'onProcessor' : 'onProcessorNoGpu';
}

/** "45 ms a face", "0.3 s a face" */
function faceTime(milliseconds: number): string {
  return milliseconds < 100
    ? t('duration.millisecondsPerFace', { milliseconds: Math.max(1, Math.round(milliseconds)) })
    : t('duration.secondsPerFace', {
        seconds: formatNumber(milliseconds / 1000, milliseconds < 995 ? 2 : 1),
      });
}
