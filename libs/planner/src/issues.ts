import type { GridIssue } from './grid-error.js';

/** What is wrong with a grid, each said once. */
export class Issues {
  private readonly byText = new Map<string, GridIssue>();

  get all(): GridIssue[] {
    return [...this.byText.values()];
  }

  note(path: string, message: string): void {
    this.byText.set(`${path} ${message}`, { path, message });
  }

  has(path: string, message: string): boolean {
    return this.byText.has(`${path} ${message}`);
  }
}
