import { useSyncExternalStore } from 'react';

const dark = matchMedia('(prefers-color-scheme: dark)');

export interface Colours {
  isDark: boolean;
  ink: string;
  quiet: string;
  line: string; // rules and grids
  accent: string;
  second: string;
  failed: string;
  ground: string;
}

/** Colours for what is drawn on a canvas or by a library, which cannot read the style sheet. */
export function useColours(): Colours {
  const isDark = useSyncExternalStore(subscribe, () => dark.matches);
  return isDark
    ? {
        isDark,
        ink: '#e6e8eb',
        quiet: '#98a2ad',
        line: '#2b3238',
        accent: '#5bb6e0',
        second: '#e0a458',
        failed: '#ef7d6e',
        ground: '#171b1f',
      }
    : {
        isDark,
        ink: '#1d2429',
        quiet: '#66717b',
        line: '#e3e6e8',
        accent: '#1f77a4',
        second: '#b8701c',
        failed: '#c43d2e',
        ground: '#ffffff',
      };
}

function subscribe(listener: () => void): () => void {
  dark.addEventListener('change', listener);
  return () => dark.removeEventListener('change', listener);
}

/** Lines that can be told apart, also by the colour-blind (after Okabe and Ito 2008), on light and on dark
 *  ground. */
export function lineColours(isDark: boolean): string[] {
  return isDark
    ? ['#56b4e9', '#e69f00', '#2fbf94', '#e58cc0', '#f0e442', '#ff7f4d', '#8fa8ff', '#b8b8b8']
    : ['#0072b2', '#d55e00', '#009e73', '#b0478a', '#a07d00', '#3d8fc4', '#6a4fc0', '#6b6b6b'];
}
