import type { FocusEvent, KeyboardEvent, MouseEvent } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { makeTabStop, targetOf } from './grid-keys.js';

interface Parts {
  byId: ReadonlyMap<string, CellView>;
  onOpen: (trialId: string) => void;
  setPointed: (pointed: { id: string; at: DOMRect } | null) => void;
}

/** One set of handlers for all squares of a grid. */
export function useGridEvents({ byId, onOpen, setPointed }: Parts) {
  const point = (square: HTMLElement | null) =>
    setPointed(square && { id: square.dataset['cell']!, at: square.getBoundingClientRect() });
  return {
    onMouseOver: (event: MouseEvent) => point(squareOf(event)),
    onMouseLeave: () => point(null),
    onScroll: () => point(null),
    onFocus: (event: FocusEvent<HTMLElement>) => {
      makeTabStop(event.currentTarget, squareOf(event));
      point(squareOf(event));
    },
    onBlur: () => point(null),
    onClick: (event: MouseEvent) => {
      const cell = byId.get(squareOf(event)?.dataset['cell'] ?? '');
      if (cell) onOpen(cell.trialId);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Escape') return point(null);
      const square = squareOf(event);
      const target = square && targetOf(event.key, square);
      if (!target) return;
      event.preventDefault();
      target.focus();
    },
  };
}

function squareOf(event: { target: EventTarget }): HTMLElement | null {
  return (event.target as HTMLElement).closest<HTMLElement>('[data-cell]');
}
