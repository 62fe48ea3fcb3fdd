/** Names of a network's graph inputs: normalised faces [batch, 3, S, S] and, VAE only, noise [batch, latent]. */
export const INPUT_NAMES = { image: 'image', noise: 'noise' } as const;

/**
 * Names of a network's graph outputs. All three are on the way to the logits, so the two that nobody fetches cost
 * nothing.
 */
export const OUTPUT_NAMES = {
  logits: 'logits',
  reconstruction: 'reconstruction',
  features: 'features',
} as const;

/** The free dimension: faces in one run. */
export const BATCH_SYMBOL = 'batch';
