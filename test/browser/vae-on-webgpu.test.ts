import { casesAt } from '../support/cases.ts';
import { testOnWebGpu } from './network-on-webgpu.ts';

// engine-worker.test.ts has both networks in fp32.
testOnWebGpu('vae', casesAt(['fp32', 'fp16', 'int4'], 2));
