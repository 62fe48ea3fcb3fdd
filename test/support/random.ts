export { createRandom } from '../../models/evaluation/random.ts';
