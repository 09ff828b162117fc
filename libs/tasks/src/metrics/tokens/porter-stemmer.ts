/** The stem of an English word in lower case: Porter's algorithm (1980) as NLTK 3.9 extends it, which is what
 *  rouge-score and NLTK's METEOR use. npm's stemmers follow Porter's own releases, and differ in words such
 *  as "dying" and "sky". */
export function porterStem(word: string): string {
  const lower = word.toLowerCase();
  const irregular = irregularStems.get(lower);
  if (irregular !== undefined) return irregular;
  if (Array.from(word).length <= 2) return lower;
  return [plural, pastOrProgressive, finalY, doubleSuffix, suffix, lastSuffix, finalE, doubleL].reduce(
    (stem, step) => step(stem),
    lower,
  );
}

/** porterStem for many texts: a word that was seen is not stemmed again. */
export function rememberingStemmer(): (word: string) => string {
  const stems = new Map<string, string>();
  return (word) => {
    const known = stems.get(word);
    if (known !== undefined) return known;
    const stem = porterStem(word);
    stems.set(word, stem);
    return stem;
  };
}

const irregularStems = new Map(
  Object.entries({
    sky: ['sky', 'skies'],
    die: ['dying'],
    lie: ['lying'],
    tie: ['tying'],
    news: ['news'],
    inning: ['innings', 'inning'],
    outing: ['outings', 'outing'],
    canning: ['cannings', 'canning'],
    howe: ['howe'],
    proceed: ['proceed'],
    exceed: ['exceed'],
    succeed: ['succeed'],
  }).flatMap(([stem, words]) => words.map((word) => [word, stem])),
);

/** For each character whether it is a consonant. A y is one at the beginning and after a vowel. */
function consonants(word: string): boolean[] {
  const are: boolean[] = [];
  for (const c of word.split('')) are.push(c === 'y' ? !(are.at(-1) ?? false) : !'aeiou'.includes(c));
  return are;
}

/** Porter's m: how often a vowel is followed by a consonant. */
function measure(word: string): number {
  const are = consonants(word);
  return are.filter((isConsonant, i) => isConsonant && i > 0 && !are[i - 1]).length;
}

const hasVowel = (word: string): boolean => consonants(word).includes(false);
const endsInDouble = (word: string): boolean =>
  word.length >= 2 && word.at(-1) === word.at(-2) && consonants(word).at(-1)!;

/** Consonant, vowel, consonant at the end, the last none of w, x and y; or a word of a vowel and a
 *  consonant. */
function endsShort(word: string): boolean {
  const [third, second, last] = [undefined, undefined, undefined, ...consonants(word)].slice(-3);
  if (word.length === 2) return !second && last!;
  return word.length >= 3 && third! && !second && last! && !'wxy'.includes(word.at(-1)!);
}

type Rule = [suffix: string, by: string, applies?: (stem: string) => boolean];

/** The word with the suffix of the first rule that fits replaced, where the rule's condition holds of what
 *  stands before. */
function replaceFirst(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (!rule) return word;
  const stem = word.slice(0, word.length - rule[0].length);
  return (rule[2]?.(stem) ?? true) ? stem + rule[1] : word;
}

const table = (pairs: string, applies: (stem: string) => boolean): Rule[] =>
  pairs.split(' ').map((pair) => [...(pair.split('>') as [string, string]), applies]);

const hasMeasure = (stem: string): boolean => measure(stem) > 0;
const hasLongMeasure = (stem: string): boolean => measure(stem) > 1;

// Step 1a
function plural(word: string): string {
  if (word.length === 4 && word.endsWith('ies')) return word.slice(0, -1);
  return replaceFirst(word, [['sses', 'ss'], ['ies', 'i'], ['ss', 'ss'], ['s', '']]); // prettier-ignore
}

// Step 1b
function pastOrProgressive(word: string): string {
  if (word.endsWith('ied')) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith('eed')) return hasMeasure(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find(
    (suffix) => word.endsWith(suffix) && hasVowel(word.slice(0, -suffix.length)),
  );
  if (!suffix) return word;
  const stem = word.slice(0, -suffix.length);
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsInDouble(stem)) return 'lsz'.includes(stem.at(-1)!) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

// Step 1c
function finalY(word: string): string {
  return replaceFirst(word, [['y', 'i', (stem) => stem.length > 1 && consonants(stem).at(-1)!]]);
}

const doubleSuffixes: Rule[] = [
  ...table(
    'ational>ate tional>tion enci>ence anci>ance izer>ize bli>ble alli>al entli>ent eli>e ousli>ous ization>ize ation>ate ' +
      'ator>ate alism>al iveness>ive fulness>ful ousness>ous aliti>al iviti>ive biliti>ble fulli>ful',
    hasMeasure,
  ),
  ['logi', 'log', (stem) => hasMeasure(`${stem}l`)],
];

// Step 2
function doubleSuffix(word: string): string {
  if (word.endsWith('alli') && hasMeasure(word.slice(0, -4))) return doubleSuffix(word.slice(0, -2));
  return replaceFirst(word, doubleSuffixes);
}

const suffixes = table('icate>ic ative> alize>al iciti>ic ical>ic ful> ness>', hasMeasure);

// Step 3
const suffix = (word: string): string => replaceFirst(word, suffixes);

const lastSuffixes: Rule[] = [
  ...table('al> ance> ence> er> ic> able> ible> ant> ement> ment> ent>', hasLongMeasure),
  ['ion', '', (stem) => hasLongMeasure(stem) && 'st'.includes(stem.at(-1)!)],
  ...table('ou> ism> ate> iti> ous> ive> ize>', hasLongMeasure),
];

// Step 4
const lastSuffix = (word: string): string => replaceFirst(word, lastSuffixes);

// Step 5
function finalE(word: string): string {
  if (!word.endsWith('e')) return word;
  const stem = word.slice(0, -1);
  return hasLongMeasure(stem) || (hasMeasure(stem) && !endsShort(stem)) ? stem : word;
}

const doubleL = (word: string): string =>
  replaceFirst(word, [['ll', 'l', (stem) => hasLongMeasure(`${stem}l`)]]);
