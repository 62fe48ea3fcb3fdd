import { useEffect, useRef } from 'preact/hooks';

type PixelPictureProps = {
  readonly picture: ImageData;
  /** Side in CSS pixels. */
  readonly sidePixels: number;
  /** Empty where a caption says it all. */
  readonly label: string;
};

/** Pixels that came from the host, drawn as they are. */
export function PixelPicture({ picture, sidePixels, label }: PixelPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(picture, 0, 0);
  }, [picture]);
  return (
    <canvas
      ref={canvas}
      width={picture.width}
      height={picture.height}
      style={{ width: `${String(sidePixels)}px`, height: `${String(sidePixels)}px` }}
      {...(label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    />
  );
}
