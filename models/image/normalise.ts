import { DetectorError } from '../../utils/domain/errors.ts';
import { assertRasterImage, type RgbImage } from './raster-image.ts';

/** Statistics of levels from 0 to 1, in RGB order. */
type LevelStatistics = {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
};

/**
 * `torchvision.transforms.Normalize` after `ToTensor`, as tables. PyTorch rounds to float32 after each of the three
 * steps; rounding once at the end gives other bits.
 */
export function createNormaliser({ mean, std }: LevelStatistics) {
  const levels = mean.map((channelMean, channel) =>
    Float32Array.from({ length: 256 }, (_, level) => {
      const centred = Math.fround(Math.fround(level / 255) - Math.fround(channelMean));
      return centred / Math.fround(std[channel]!);
    }),
  );
  return {
    /** The normalised value of each of the 256 levels, for each channel. */
    levels,
    /**
     * Writes one square image into its place of a batch, normalised, as NCHW float32.
     * @param batch dims [N, 3, side, side], at least (index + 1) × 3 · side² values
     * @throws DetectorError `image-invalid` where the image is not square or the batch is too short
     */
    write: (image: RgbImage, batch: Float32Array, index: number): void => {
      assertRasterImage(image);
      const { data, width: side, height } = image;
      const plane = side * side;
      if (height !== side) {
        throw new DetectorError('image-invalid', `a network takes squares, found ${side}×${height} pixels`);
      }
      if (!Number.isInteger(index) || index < 0 || (index + 1) * 3 * plane > batch.length) {
        throw new DetectorError('image-invalid', `no place ${index} in a batch of ${batch.length} values`);
      }
      for (let channel = 0; channel < 3; channel++) {
        const ofChannel = levels[channel]!;
        let to = (index * 3 + channel) * plane;
        for (let from = channel; from < data.length; from += 3) batch[to++] = ofChannel[data[from]!]!;
      }
    },
  };
}
