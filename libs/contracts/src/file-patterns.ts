/** Files of a folder whose names are not known before it is read: "train/*.xml", where * is any part of one
 *  name. A name that begins with a dot is fitted by none that begins with *. */
export const isPattern = (file: string): boolean => file.includes('*');

/** Those of a folder's files, as paths with "/", that are named or fit a pattern, in the order of their
 *  paths. */
export function filesOfPatterns(patterns: readonly string[], files: readonly string[]): string[] {
  const fits = patterns.map((pattern) => new RegExp(`^${pattern.split('/').map(ofName).join('/')}$`));
  return files.filter((file) => fits.some((fit) => fit.test(file))).toSorted();
}

/** The names in a folder below, "" for the folder itself; none where it is no folder. */
type Listing = Generator<string, string[], readonly string[]>;

/** What of a folder fits a pattern, in the order of paths. Yields the folders whose names it needs, and no
 *  others: links are followed as far as the pattern is deep, so that a circle of them ends. What has no * is
 *  given as it is. */
export function* filesFitting(pattern: string): Listing {
  let found = [''];
  let known = true; // as the pattern says, without a look
  for (const part of pattern.split('/')) {
    known &&= !isPattern(part);
    if (known) {
      found = found.map((at) => `${at}${part}/`);
      continue;
    }
    const fit = new RegExp(`^${ofName(part)}$`);
    const deeper: string[] = [];
    for (const at of found) for (const name of yield at) if (fit.test(name)) deeper.push(`${at}${name}/`);
    found = deeper;
  }
  return found.map((path) => path.slice(0, -1)).toSorted();
}

const ofName = (part: string): string =>
  `${part.startsWith('*') ? '(?!\\.)' : ''}${part.split('*').map(escaped).join('[^/]*')}`;

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
