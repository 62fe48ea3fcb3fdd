/** The picture in a `data:` URL in base64. Not by `fetch`, which the extension's own policy keeps closed. */
export function decodeDataUrl(dataUrl: string): Promise<ImageBitmap> {
  const bytes = Uint8Array.fromBase64(dataUrl.slice(dataUrl.indexOf(',') + 1));
  // As the page's own pixels: no colour profile of the screen is applied a second time.
  return createImageBitmap(new Blob([bytes]), { colorSpaceConversion: 'none' });
}
