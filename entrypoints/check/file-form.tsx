import { useRef, useState } from 'preact/hooks';

/** Takes a video from a button or a drop. */
export function FileForm({ onFile }: { readonly onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  return (
    <div
      class={`card drop-target ${isOver ? 'is-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) onFile(file);
      }}
    >
      <div class="bar">
        <button type="button" class="primary" onClick={() => input.current?.click()}>
          Open a video
        </button>
        <span class="quiet">or drop it here</span>
        <input
          ref={input}
          type="file"
          hidden
          accept="video/*"
          aria-label="Video file"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            // The same file can be chosen again.
            currentTarget.value = '';
            if (file !== undefined) onFile(file);
          }}
        />
      </div>
    </div>
  );
}
