import { testOnWebGpu } from './network-on-webgpu.ts';

testOnWebGpu('vae', ['fp32', 'fp16', 'int4']);
