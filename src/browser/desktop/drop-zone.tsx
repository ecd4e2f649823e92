import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Dropped } from './actions.js';
import { droppedFiles } from './dropped-files.js';

export interface DropZoneProps {
  /** Given when all of it is known, which takes a while for many files. */
  readonly onDrop: (dropped: Promise<readonly Dropped[]>) => void;
  readonly children: ComponentChildren;
}

/** Takes files and folders that are dropped on it. */
export function DropZone({ onDrop, children }: DropZoneProps): JSX.Element {
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
        onDrop(droppedFiles(event.dataTransfer));
      }}
    >
      {children}
    </div>
  );
}
