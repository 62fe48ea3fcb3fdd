import type { DeviceTest, SelfTest } from '../../utils/domain/model.ts';

/** What the self-test says, in one sentence for everybody. */
export function selfTestSentence({ device, wasm, webgpu }: SelfTest): string {
  switch (device) {
    case 'webgpu':
      return `It was tested here and works. It runs on the graphics card${tookWords(webgpu)}.`;
    case 'wasm':
      return `It was tested here and works. It runs on the processor${tookWords(wasm)}${whyNotGpu(webgpu)}.`;
    case null:
      return 'It was tested here and does not compute what it should, so it judges nothing on this computer.';
  }
}

/** One device's result as the options list it: "0.32 s a face", "not used: …". */
export function deviceTestWords(test: DeviceTest): string {
  switch (test.kind) {
    case 'passed':
      return faceTime(test.millisecondsPerFace);
    case 'failed':
      return `failed: ${test.reason}`;
    case 'absent':
      return ABSENT_WORDS[test.reason];
    case 'not-tested':
      return 'not tested, since WASM has failed';
  }
}

/** Why a model runs where it runs. */
export function deviceReason({ device, wasm, webgpu }: SelfTest): string {
  if (device === null) return 'Nowhere: no device computes what it should.';
  if (device === 'webgpu') {
    return wasm.kind === 'passed'
      ? 'WebGPU, which computes the same as WASM and takes less time.'
      : 'WebGPU: WASM does not work here.';
  }
  switch (webgpu.kind) {
    case 'passed':
      return 'WASM, which takes less time here.';
    case 'failed':
      return 'WASM, since WebGPU computes something else.';
    case 'absent':
    case 'not-tested':
      return 'WASM: there is no WebGPU that could be used.';
  }
}

const ABSENT_WORDS: Readonly<Record<Extract<DeviceTest, { kind: 'absent' }>['reason'], string>> = {
  'no-webgpu': 'not there: the browser offers no WebGPU on this computer',
  software: 'not used: there is no graphics card behind it, only software',
  'no-kernels': 'not used: it has no kernels for these weights',
};

function tookWords(test: DeviceTest): string {
  return test.kind === 'passed' ? `, ${faceTime(test.millisecondsPerFace)}` : '';
}

function whyNotGpu(webgpu: DeviceTest): string {
  switch (webgpu.kind) {
    case 'passed':
      return ', which is faster here than the graphics card';
    case 'failed':
      return ', since the graphics card computes something else';
    case 'absent':
      return webgpu.reason === 'no-kernels' ? '' : ', since the browser offers no graphics card here';
    case 'not-tested':
      return '';
  }
}

/** "45 ms a face", "0.3 s a face" */
function faceTime(milliseconds: number): string {
  return milliseconds < 100
    ? `${String(Math.max(1, Math.round(milliseconds)))} ms a face`
    : `${(milliseconds / 1000).toFixed(milliseconds < 995 ? 2 : 1)} s a face`;
}
