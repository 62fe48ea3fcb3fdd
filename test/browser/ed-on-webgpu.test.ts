import { testOnWebGpu } from './network-on-webgpu.ts';

testOnWebGpu('ed', ['fp32', 'fp16']);
