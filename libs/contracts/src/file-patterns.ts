/** Files of a folder whose names are not known before it is read: "train/*.xml", where * is any part of one
 *  name. */
export const isPattern = (file: string): boolean => file.includes('*');

/** Those of a folder's files, as paths with "/", that are named or fit a pattern, in the order of their
 *  paths. */
export function filesOfPatterns(patterns: readonly string[], files: readonly string[]): string[] {
  const fits = patterns.map((pattern) => new RegExp(`^${pattern.split('*').map(escaped).join('[^/]*')}$`));
  return files.filter((file) => fits.some((fit) => fit.test(file))).toSorted();
}

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
