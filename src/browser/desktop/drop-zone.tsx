import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DroppedFile } from './actions.js';
import { droppedFiles } from './dropped-files.js';
import { sentenceOf } from './sentence-of.js';

export interface DropZoneProps {
  readonly onDrop: (files: readonly DroppedFile[]) => void;
  readonly onFailure: (sentence: string) => void;
  readonly children: ComponentChildren;
}

/** Takes files and folders that are dropped on it. */
export function DropZone({ onDrop, onFailure, children }: DropZoneProps): JSX.Element {
  const [isOver, setOver] = useState(false);
  return (
    <div
      id="drop"
      class={isOver ? 'drop over stack' : 'drop stack'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer === null) return;
        droppedFiles(event.dataTransfer).then(onDrop, (error: unknown) =>
          onFailure(sentenceOf(error)),
        );
      }}
    >
      {children}
    </div>
  );
}
